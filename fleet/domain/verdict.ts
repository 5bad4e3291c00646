/** A yes, or a no with its reason in the dispatcher's words. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly because: string };

export const yes: Verdict = { ok: true };
export const no = (because: string): Verdict => ({ ok: false, because });
