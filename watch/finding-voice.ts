import type { Finding } from '#contracts/findings.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { type EpisodeStore, keyOfFinding } from './episode-store.ts';

const RETRY_MS = 1000;
/** Confirmations are written with the next group, or after this long. */
const CONFIRM_MS = 1000;

export interface FindingVoice {
  /** Takes a change; it is said once its group is on disk. */
  say(finding: Finding): void;
  /** Resolves when all taken so far is on disk; undefined where nothing waits. */
  kept(): Promise<void> | undefined;
  /** Says what a former run kept but the broker has not confirmed. */
  sayAgain(findings: readonly Finding[]): void;
  /** Writes outstanding confirmations: call before closing the store. */
  finish(): void;
}

/** Keeps findings in groups and says them: all changes of one turn of the event loop are one commit. A disk that takes no more silences nothing. */
export function openFindingVoice(bus: Bus, store: EpisodeStore, log: Log, onDisk: (because: string | undefined) => void): FindingVoice {
  const { clock } = bus;
  /** The newest change of each finding that the broker has not confirmed. */
  const unconfirmed = new Map<string, Finding>();
  let group: Finding[] = [];
  let said: Finding[] = [];
  let keeping: Promise<void> | undefined;
  let isConfirmDue = false;
  let isRetryDue = false;

  function keep(changed: readonly Finding[]): void {
    const confirmed = said;
    said = [];
    try {
      store.keep(changed, confirmed);
      onDisk(undefined);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      log.error({ reason: error.message }, 'findings are not kept on disk');
      onDisk(error.message);
    }
  }

  function publish(finding: Finding): void {
    const { ward, kind, subject } = finding;
    const params = { ward, kind, subject };
    const sent = finding.isPresent ? bus.publish('finding', params, finding) : bus.retract('finding', params, finding);
    const key = keyOfFinding(finding);
    sent.then(
      () => {
        if (unconfirmed.get(key) === finding) unconfirmed.delete(key);
        said.push(finding);
        if (isConfirmDue) return;
        isConfirmDue = true;
        clock.after(milliseconds(CONFIRM_MS), () => {
          isConfirmDue = false;
          if (said.length > 0) keep([]);
        });
      },
      (error: unknown) => {
        log.warn({ reason: asError(error).message, kind, subject }, 'finding not said; it will be said again');
        if (isRetryDue) return;
        isRetryDue = true;
        clock.after(milliseconds(RETRY_MS), () => {
          isRetryDue = false;
          for (const waiting of unconfirmed.values()) publish(waiting);
        });
      },
    );
  }

  return {
    say(finding) {
      group.push(finding);
      keeping ??= new Promise((resolve) => {
        setImmediate(() => {
          const changed = group;
          group = [];
          keeping = undefined;
          keep(changed);
          for (const one of changed) {
            unconfirmed.set(keyOfFinding(one), one);
            publish(one);
          }
          resolve();
        });
      });
    },
    kept: () => keeping,
    sayAgain(findings) {
      for (const finding of findings) {
        unconfirmed.set(keyOfFinding(finding), finding);
        publish(finding);
      }
    },
    finish() {
      if (said.length > 0) keep([]);
    },
  };
}
