import type { AlarmKindName, Priority } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';
import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { Refusal } from '#runtime/commands.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Announcer } from './announcer.ts';
import { Deadlines } from './deadlines.ts';
import { alarmOf } from './domain/alarm-message.ts';
import { deadlineOf, type Episode, type KeyState, keyOf, reloadedAt, shiftDeadlines } from './domain/episode.ts';
import { type RuleOf, rankOf } from './domain/rules.ts';
import { type LedgerEvent, step, type Transition } from './domain/step.ts';
import type { KeyWrite, LedgerStore } from './ledger-store.ts';
import { steadyClock } from './steady-clock.ts';

export interface Subject {
  readonly ward: string;
  readonly kind: AlarmKindName;
  readonly subject: string;
}

export interface LedgerParts {
  readonly store: LedgerStore;
  readonly ruleOf: RuleOf;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  /** The disk has begun to refuse, or takes again. */
  onDisk(state: 'full' | 'ok', because?: string): void;
}

export interface Ledger extends Disposable {
  /** Resolves with the alarm's name once what came of the event is on disk; rejects with Refusal where it was not taken. */
  submit(about: Subject, event: LedgerEvent): Promise<string | undefined>;
  /** The episode of a subject, raised or not. */
  episodeOf(about: Subject): Episode | undefined;
  subjectOf(alarm: string): Subject | undefined;
  openEpisodes(): Episode[];
  /** Publishes every open alarm as it stands. */
  sayAgain(): void;
}

interface Dirty {
  readonly about: Subject;
  readonly transitions: Transition[];
  /** Those who wait for the commit. */
  readonly waiting: { kept(): void; refused(refusal: Refusal): void }[];
  rank: number;
  /** So many of the transitions went out without being kept: the disk was full. */
  said: number;
}

/** Alarms in one commit: large enough to absorb a flood, small enough that a new high alarm is not held up by the one before. */
const COMMIT_MAX = 256;
/** What nobody sees yet may wait this long for company: a finding and its decision then share one disk sync. */
const GATHER_MS = milliseconds(15);
const DISK_RETRY_MS = milliseconds(1000);
const NOT_KEPT = 'the disk of the server is full: the answer cannot be kept';
const URGENCIES: readonly Priority[] = ['high', 'medium', 'low'];

export function openLedger({ store, ruleOf, announcer, clock, log, onDisk }: LedgerParts): Ledger {
  const states = new Map<string, KeyState>();
  const subjects = new Map<string, Subject>();
  const deadlines = new Deadlines();
  /** What is not on disk yet, by urgency. */
  const dirty = URGENCIES.map(() => new Map<string, Dirty>());
  const steady = steadyClock(clock, moveDeadlines);
  let named = store.named;
  let isFlushDue = false;
  let isGathering = false;
  let isDiskFull = false;
  let isClosed = false;
  let stopTimer: () => void = () => undefined;

  const loaded = store.load();
  for (const [key, state] of loaded.states) {
    states.set(key, state.episode ? { ...state, episode: reloadedAt(state.episode, steady.now()) } : state);
    watchKey(key);
  }
  for (const announcement of loaded.unannounced) announcer.announce(announcement);
  setTimer();

  function watchKey(key: string): void {
    const { episode } = states.get(key) ?? {};
    if (!episode) return;
    subjects.set(episode.alarm, { ward: episode.ward, kind: episode.kind, subject: episode.subject });
    const due = deadlineOf(episode);
    if (due !== undefined) deadlines.add(due, key);
  }

  function setTimer(): void {
    stopTimer();
    if (isClosed) return;
    const { next } = deadlines;
    if (next === undefined) return;
    stopTimer = clock.after(milliseconds(Math.max(0, next - steady.now())), () => {
      const now = steady.now();
      for (let key = deadlines.take(now); key !== undefined; key = deadlines.take(now)) {
        const episode = states.get(key)?.episode;
        const due = episode && deadlineOf(episode);
        if (episode && due !== undefined && due <= now) apply(episode, { type: 'time' });
      }
      setTimer();
    });
  }

  function apply(about: Subject, event: LedgerEvent) {
    const now = steady.now();
    const key = keyOf(about);
    const before = states.get(key) ?? {};
    const rule = ruleOf(about.ward, about.kind);
    const name = () => `${store.prefix}-${++named}`;
    const done = step(before, event, { rule, name }, now);
    const isChanged = done.transitions.length > 0 || done.state.lastEnded?.occurrence !== before.lastEnded?.occurrence;
    if (isChanged) {
      states.set(key, done.state);
      if (before.episode && done.state.episode?.alarm !== before.episode.alarm) subjects.delete(before.episode.alarm);
      const due = deadlines.next;
      watchKey(key);
      if (deadlines.next !== due) setTimer();
      const urgency = done.state.episode?.rule.priority ?? before.episode?.rule.priority ?? rule.priority;
      markDirty(key, about, done.transitions, rankOf(urgency));
    }
    return { ...done, isChanged, key, alarm: done.state.episode?.alarm ?? before.episode?.alarm };
  }

  function markDirty(key: string, about: Subject, transitions: readonly Transition[], rank: number): Dirty {
    let entry = dirtyOf(key);
    if (!entry) entry = { about, transitions: [], waiting: [], rank, said: 0 };
    else dirty[entry.rank]!.delete(key);
    entry.transitions.push(...transitions);
    entry.rank = Math.min(entry.rank, rank);
    dirty[entry.rank]!.set(key, entry);
    flushSoon(transitions.some(({ message }) => message));
    return entry;
  }
  const dirtyOf = (key: string): Dirty | undefined => dirty.find((some) => some.has(key))?.get(key);

  function flushSoon(isSeen = true): void {
    if (isClosed || isFlushDue) return;
    if (isSeen) {
      isFlushDue = true;
      setImmediate(flush);
    } else gather(GATHER_MS);
  }
  function gather(delay: Milliseconds): void {
    if (isGathering) return;
    isGathering = true;
    clock.after(delay, flush);
  }

  /** Puts the most urgent of what has changed on disk in one commit, then on the bus. */
  function flush(): void {
    isFlushDue = isGathering = false;
    const batch: [string, Dirty][] = [];
    for (const some of dirty)
      for (const entry of some) {
        if (batch.length >= COMMIT_MAX) break;
        batch.push(entry);
      }
    if (batch.length === 0) return;
    const writes: KeyWrite[] = batch.map(([key, { about, transitions }]) => ({ key, about, transitions, state: states.get(key) ?? {} }));
    try {
      const announcements = store.write(writes, announcer.announcedUpTo, named);
      for (const [key, { rank }] of batch) dirty[rank]!.delete(key);
      for (const announcement of announcements) announcer.announce(announcement);
      for (const [, { waiting }] of batch) for (const { kept } of waiting) kept();
      if (isDiskFull) onDisk('ok');
      isDiskFull = false;
    } catch (thrown) {
      const error = asError(thrown);
      if (!(error instanceof OperationalError) || error.code !== 'DISK_FULL') throw error;
      goOnWithoutDisk(error);
    }
    if (dirty.every((some) => some.size === 0)) return;
    if (isDiskFull) gather(DISK_RETRY_MS);
    else flushSoon();
  }

  /**
   * The disk takes no more. An alarm that cannot be kept must be heard all the same: it is published, and kept later. Findings may be let go,
   * because the broker retains them and they are read again at a restart; a person's answer is refused, because it would be forgotten.
   */
  function goOnWithoutDisk(error: Error): void {
    for (const some of dirty)
      for (const entry of some.values()) {
        const latest = entry.transitions.slice(entry.said).findLast(({ message }) => message)?.message;
        if (latest) announcer.say(latest);
        entry.said = entry.transitions.length;
        for (const { refused } of entry.waiting.splice(0)) refused(new Refusal(NOT_KEPT, 'failed'));
      }
    if (isDiskFull) return;
    isDiskFull = true;
    log.error({ reason: error.message }, 'the ledger cannot be written');
    onDisk('full', error.message);
  }

  function moveDeadlines(by: Milliseconds): void {
    log.warn({ by }, 'the wall clock was set; open deadlines move along');
    deadlines.clear();
    for (const [key, state] of states) {
      if (!state.episode) continue;
      const episode = shiftDeadlines(state.episode, by);
      states.set(key, { ...state, episode });
      watchKey(key);
      markDirty(key, episode, [], rankOf(episode.rule.priority));
    }
    // Not from here: this may run within a look at the clock.
    setImmediate(setTimer);
  }

  return {
    submit(about, event) {
      const isAnswer = event.type === 'acknowledge';
      if (isAnswer && isDiskFull) return Promise.reject(new Refusal(NOT_KEPT, 'failed'));
      const { no, isChanged, key, alarm } = apply(about, event);
      if (no) return Promise.reject(new Refusal(no.because, no.code));
      const entry = isChanged ? dirtyOf(key) : undefined;
      if (!entry) return Promise.resolve(alarm);
      return new Promise((resolve, reject) => {
        const kept = () => resolve(alarm);
        entry.waiting.push({ kept, refused: isAnswer ? reject : kept });
      });
    },
    episodeOf: (about) => states.get(keyOf(about))?.episode,
    subjectOf: (alarm) => subjects.get(alarm),
    openEpisodes: () => [...states.values()].flatMap(({ episode }) => (episode ? [episode] : [])),
    sayAgain() {
      for (const { episode } of states.values()) {
        const message: Alarm | undefined = episode && alarmOf(episode, steady.now(), false);
        if (message) announcer.say(message);
      }
    },
    [Symbol.dispose]() {
      isClosed = true;
      stopTimer();
      flush();
      if (!isDiskFull) store.write([], announcer.announcedUpTo, named);
    },
  };
}
