import type { Milliseconds } from '#contracts/units.ts';

/** A bucket for each key: `burst` at once, then `perSecond`. Holds at most `keysMax` keys; full buckets are forgotten first. */
export interface Rate {
  /** Takes one; false when the bucket is empty. `now` is monotonic. */
  take(key: string, now: Milliseconds): boolean;
}

export function rateOf({ burst, perSecond, keysMax }: { burst: number; perSecond: number; keysMax: number }): Rate {
  const buckets = new Map<string, { left: number; at: number }>();
  const filled = (bucket: { left: number; at: number }, now: number) =>
    Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond);
  const forget = (now: number) => {
    for (const [key, bucket] of buckets) if (filled(bucket, now) >= burst) buckets.delete(key);
    // All keys are busy: the one that is longest there goes.
    if (buckets.size >= keysMax) buckets.delete(buckets.keys().next().value as string);
  };
  return {
    take(key, now) {
      let bucket = buckets.get(key);
      if (!bucket) {
        if (buckets.size >= keysMax) forget(now);
        bucket = { left: burst, at: now };
        buckets.set(key, bucket);
      }
      bucket.left = filled(bucket, now);
      bucket.at = now;
      if (bucket.left < 1) return false;
      bucket.left -= 1;
      return true;
    },
  };
}
