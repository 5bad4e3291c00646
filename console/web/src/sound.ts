import { computed, ref, watchEffect } from 'vue';
import type { Priority } from '#contracts/alarm-kinds.ts';
import { bursts, FUNDAMENTAL_HZ, HARMONICS, RAMP_S } from './domain/pulses.ts';

const KEY = 'wardline.sound';
/** Whether this screen is to sound at all; undefined: as the person's role has it. */
const chosen = ref<boolean | undefined>(localStorage.getItem(KEY) === null ? undefined : localStorage.getItem(KEY) === 'on');
const roleSounds = ref(false);
export const isSoundWanted = computed(() => chosen.value ?? roleSounds.value);
export function chooseSound(isOn: boolean): void {
  chosen.value = isOn;
  localStorage.setItem(KEY, isOn ? 'on' : 'off');
}
export const soundByRole = (isOn: boolean): void => {
  roleSounds.value = isOn;
};

/** A browser lets a page sound only after somebody has touched it. */
const isAllowed = ref(false);
export const isSoundBlocked = computed(() => isSoundWanted.value && !isAllowed.value);

let context: AudioContext | undefined;
let playing: OscillatorNode[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
const sounding = ref<Priority>();

async function unlock(): Promise<void> {
  context ??= new AudioContext();
  context.onstatechange = () => {
    isAllowed.value = context?.state === 'running';
  };
  // Without a touch this promise stays open; the state says when it has come.
  if (context.state !== 'running') await context.resume();
  isAllowed.value = context.state === 'running';
}

/** Tries at once (a kiosk may be allowed), and again at each touch until it may. */
export function openSound(): void {
  const attempt = () => void unlock().catch(() => undefined);
  attempt();
  for (const event of ['pointerdown', 'keydown'] as const) window.addEventListener(event, attempt, { capture: true });
}

function stop(): void {
  clearTimeout(timer);
  timer = undefined;
  for (const oscillator of playing.splice(0)) oscillator.stop();
}

function play(priority: Priority): void {
  if (!context) return;
  const { starts, pulseS, repeatS } = bursts[priority];
  const wave = context.createPeriodicWave(new Float32Array(HARMONICS.length), new Float32Array(HARMONICS));
  const begin = context.currentTime + 0.01;
  playing = starts.map((start) => {
    const oscillator = new OscillatorNode(context as AudioContext, { frequency: FUNDAMENTAL_HZ, periodicWave: wave });
    const gain = new GainNode(context as AudioContext, { gain: 0 });
    const at = begin + start;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.5, at + RAMP_S);
    gain.gain.setValueAtTime(0.5, at + pulseS - RAMP_S);
    gain.gain.linearRampToValueAtTime(0, at + pulseS);
    oscillator.connect(gain).connect((context as AudioContext).destination);
    oscillator.start(at);
    oscillator.stop(at + pulseS);
    return oscillator;
  });
  if (repeatS !== undefined) timer = setTimeout(() => play(priority), repeatS * 1000);
}

/** What is to be heard now; undefined: nothing. */
export const sound = (priority: Priority | undefined): void => {
  sounding.value = priority;
};

watchEffect(() => {
  stop();
  if (sounding.value && isAllowed.value && isSoundWanted.value) play(sounding.value);
});
