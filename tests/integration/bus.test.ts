import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { type CommandHandlers, openRequester, Refusal, serveCommands } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import { startTestBroker } from '#tests/broker-fixture.ts';

const parts = { clock: systemClock, log: silentLog() };

test('a command is asked, answered and refused with its reason', async () => {
  await using broker = await startTestBroker();
  await using records = await connectBus(broker.busOf('service.records', { isDurable: true }), parts);
  await using flows = await connectBus(broker.busOf('service.flows'), parts);
  await serveCommands(
    records,
    'records',
    {
      admit({ bed }, { caller }) {
        if (bed === 'b2') throw new Refusal('b2 is taken');
        return { patient: caller === 'service.flows' ? 'p1' : 'nobody' };
      },
    } as Partial<CommandHandlers<'records'>> as CommandHandlers<'records'>,
    parts.log,
  );
  const requester = await openRequester(flows);
  assert.deepEqual(await requester.request('admit', { ward: 'w1', bed: 'b1' }), { patient: 'p1' });
  await assert.rejects(requester.request('admit', { ward: 'w1', bed: 'b2' }), /b2 is taken/);
});
