import { millilitres, millilitresPerHour, fraction as share } from '#contracts/units.ts';
import type { Level, LevelEstimate, Picture } from './level-estimate.ts';
import { type Reading, readPicture } from './network.ts';

const UNKNOWN: LevelEstimate = { confidence: 0, state: 'unknown', isContainerFound: false };

const PRESENT = 0.5;
/** A picture with less than this many pixels a side shows nothing. */
const SIDE_MIN = 16;
/** The network's own judgement of its error is a mean; the standard deviation of what it says is larger. */
const ERROR_TO_SD = 1.5;
const SD_MIN = 0.012;
/** Errors of one container are alike from picture to picture (its shape, its light): averaging gains no more than this. */
const SHARED_SD = 0.01;
/** A rise that liquid cannot make by itself. */
const CHANGE_RISE = 0.08;
const CHANGE_SIGMAS = 3;
/** A single picture far below expectation may be a hand or glare; it is weighed down, not believed. */
const ODD_SIGMAS = 3;
const ODD_FACTOR = 4;
/** So many odd pictures on one side, one after another, mean that the track was wrong. */
const ODD_PICTURES = 2;
/** Unevenness of flow and of what the network sees, from picture to picture. */
const STEP_SD = 0.03;
/** A container runs dry within an hour at the fastest and may stand still. */
const FALL_START_PER_S = 1 / 18_000;
const FALL_SD_PER_S = 1 / 9000;
const EMPTY_FRACTION = 0.015;
/** Expected error from which on a figure is unfit to be shown; chosen on the development pictures, as are the odd and step constants above. */
const SHOWN_ERROR = 0.035;
const FRACTION_MAX = 1.5;

/** What is known of the container from the pictures so far: fraction and its fall per second, with their covariance. */
interface Track {
  at: number;
  fraction: number;
  fall: number;
  p00: number;
  p01: number;
  p11: number;
  pictures: number;
}

const begin = (at: number, fraction: number, sd: number): Track => ({
  at,
  fraction,
  fall: FALL_START_PER_S,
  p00: sd * sd,
  p01: 0,
  p11: FALL_SD_PER_S ** 2,
  pictures: 1,
});

function predict(track: Track, at: number): void {
  const dt = at - track.at;
  track.at = at;
  track.fraction = Math.max(0, track.fraction - track.fall * dt);
  track.p00 += -2 * dt * track.p01 + dt * dt * track.p11 + STEP_SD ** 2;
  track.p01 -= dt * track.p11;
  track.p11 += dt * 1e-12;
}

function correct(track: Track, seen: number, sd: number): void {
  const total = track.p00 + sd * sd;
  const k0 = track.p00 / total;
  const k1 = track.p01 / total;
  const residual = seen - track.fraction;
  track.fraction = Math.min(FRACTION_MAX, Math.max(0, track.fraction + k0 * residual));
  track.fall = Math.max(0, track.fall + k1 * residual);
  track.p11 = Math.max(1e-14, track.p11 - k1 * track.p01);
  track.p01 *= 1 - k0;
  track.p00 *= 1 - k0;
  track.pictures += 1;
}

const isUsable = ({ width, height, channels, pixels }: Picture): boolean =>
  width >= SIDE_MIN && height >= SIDE_MIN && pixels.length >= width * height * channels;

/** Estimator of one bed camera. Its memory is one container's track. */
export function createLevel(): Level {
  let track: Track | undefined;
  let odd = 0;
  let last = UNKNOWN;
  let lastAt = Number.NEGATIVE_INFINITY;

  function follow(at: number, reading: Reading): Track {
    const seen = Math.min(FRACTION_MAX, Math.max(0, reading.fraction));
    const sd = Math.max(SD_MIN, ERROR_TO_SD * reading.error);
    if (!track) return begin(at, seen, sd);
    predict(track, at);
    const rise = seen - track.fraction;
    const expected = Math.hypot(sd, Math.sqrt(track.p00));
    if (rise > CHANGE_RISE && rise > CHANGE_SIGMAS * expected) return begin(at, seen, sd);
    const isOdd = Math.abs(rise) > ODD_SIGMAS * expected;
    odd = isOdd ? (Math.sign(rise) === Math.sign(odd) ? odd + Math.sign(rise) : Math.sign(rise)) : 0;
    if (Math.abs(odd) >= ODD_PICTURES) return begin(at, seen, sd);
    correct(track, seen, isOdd ? sd * ODD_FACTOR : sd);
    return track;
  }

  return {
    step({ at, picture, orderedMl }) {
      if (!Number.isFinite(at) || at <= lastAt || !isUsable(picture)) return last;
      lastAt = at;
      const reading = readPicture(picture);
      if (reading.presence < PRESENT) {
        track = undefined;
        last = { confidence: 2 * Math.abs(reading.presence - 0.5), state: 'no_bag', isContainerFound: false };
        return last;
      }
      track = follow(at / 1000, reading);
      const sd = Math.hypot(Math.sqrt(track.p00), SHARED_SD);
      const volume = orderedMl === undefined ? undefined : track.fraction * orderedMl;
      last = {
        fraction: share(track.fraction),
        ...(volume === undefined ? {} : { remainingMl: millilitres(volume), remainingBoundMl: millilitres(2 * sd * orderedMl!) }),
        ...(orderedMl === undefined || track.pictures < 3 ? {} : { flowMlPerHour: millilitresPerHour(track.fall * 3600 * orderedMl) }),
        confidence: 1 / (1 + (Math.max(reading.error, sd / ERROR_TO_SD) / SHOWN_ERROR) ** 2),
        state: track.fraction < EMPTY_FRACTION ? 'empty' : 'running',
        isContainerFound: true,
        levelRow: reading.levelRow * picture.height,
      };
      return last;
    },
  };
}
