/** A refusal of the console, in words that a person can read. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

const TIMEOUT_MS = 10_000;
let onLoggedOut: () => void = () => undefined;
/** Called when the session has ended under a request. */
export const whenLoggedOut = (run: () => void): void => {
  onLoggedOut = run;
};

/** One request to the console. Rejects with ApiProblem; `offline` when the console does not answer. */
export async function call<T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiProblem(0, 'offline', '');
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; title?: string };
  if (response.status === 401 && path !== '/api/login' && path !== '/api/me') onLoggedOut();
  throw new ApiProblem(response.status, problem.code ?? 'unknown', problem.detail ?? problem.title ?? '');
}
