import { milliseconds } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import type { Watch } from './domain/watch.ts';
import type { FindingVoice } from './finding-voice.ts';

const TICK = milliseconds(100);

/** Ties the watch to the bus. A message is acknowledged once the findings that it made are on disk. */
export async function serveWatch(bus: Bus, watch: Watch, voice: FindingVoice, counted: (readings: number) => void): Promise<void> {
  const { clock } = bus;
  // What is where, first: readings mean something only then.
  await bus.subscribe('placement', {}, (message, { params: { ward, device }, receivedAt }) => {
    watch.placement(ward, device, message, receivedAt);
    return voice.kept();
  });
  await bus.subscribe('order', {}, (message, { params: { ward, bed, line }, receivedAt }) => {
    watch.order(ward, bed, line, message, receivedAt);
    return voice.kept();
  });
  await bus.subscribe('occupancy', {}, (message, { params: { ward, bed }, receivedAt }) => {
    watch.occupancy(ward, bed, message, receivedAt);
    return voice.kept();
  });
  await bus.subscribe('edgeStatus', {}, (message, { params: { edge }, receivedAt }) => {
    if (message) watch.edgeStatus(edge, message, receivedAt);
    return voice.kept();
  });
  await bus.subscribe('deviceStatus', {}, (message, { params: { device }, receivedAt }) => {
    if (message) watch.deviceStatus(device, message, receivedAt);
    return voice.kept();
  });
  await bus.subscribe('readings', {}, (message, { params: { ward, edge }, receivedAt }) => {
    if (!message) return;
    watch.batch(ward, edge, message, receivedAt);
    counted(message.readings.length);
    return voice.kept();
  });
  await bus.subscribe('deviceReading', {}, (message, { params: { ward, device }, receivedAt }) => {
    if (!message) return;
    const { schema: _schema, ...reading } = message;
    watch.single(ward, device, reading, receivedAt);
    counted(1);
    return voice.kept();
  });
  clock.every(TICK, () => watch.tick(clock.now()));
}
