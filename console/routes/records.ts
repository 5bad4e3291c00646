import { commands } from '#contracts/commands.ts';
import { Id, strict } from '#contracts/schema.ts';
import type { Requester } from '#runtime/commands.ts';
import { type App, personOf, requireWard } from '../app.ts';
import type { Audit } from '../audit.ts';
import type { Mirror } from '../mirror.ts';
import { forbidden, notFound } from '../problems.ts';
import type { Person } from '../rights.ts';
import { type CommandRoute, commandRoute } from './commands.ts';

const own = (person: Person, { ward }: { ward: string }) => requireWard(person, ward);
const bed = ({ ward, bed }: { ward: string; bed: string }) => `${ward}/${bed}`;

/** Patients, orders, placement of devices, duty. `wardOfDevice` knows devices that were never placed. */
export async function recordRoutes(
  app: App,
  mirror: Mirror,
  requester: Requester,
  audit: Audit,
  wardOfDevice: (device: string) => string | undefined,
): Promise<void> {
  const onBed = <C extends 'admit' | 'discharge' | 'bedCleaned' | 'bedCleaning' | 'setOrder' | 'startOrder' | 'stopOrder'>(
    command: C,
    url: string,
  ) => commandRoute(app, requester, audit, { command, url, right: 'keep_records', guard: own, subject: bed } as CommandRoute<C>);
  onBed('admit', '/api/records/admit');
  onBed('discharge', '/api/records/discharge');
  onBed('bedCleaning', '/api/records/bed-cleaning');
  onBed('bedCleaned', '/api/records/bed-cleaned');
  onBed('setOrder', '/api/records/order');
  onBed('startOrder', '/api/records/order/start');
  onBed('stopOrder', '/api/records/order/stop');
  commandRoute(app, requester, audit, {
    command: 'transfer',
    url: '/api/records/transfer',
    right: 'keep_records',
    subject: (args) => `${bed(args)} to ${args.toWard}/${args.toBed}`,
    guard(person, { ward, toWard }) {
      requireWard(person, ward);
      requireWard(person, toWard);
    },
  });
  commandRoute(app, requester, audit, {
    command: 'placeDevice',
    url: '/api/records/placement',
    right: 'keep_records',
    subject: ({ device }) => device,
    guard(person, { device }) {
      const ward = mirror.all('placement').find(({ message }) => message.device === device)?.ward ?? wardOfDevice(device);
      if (ward === undefined) throw notFound(`There is no device ${device}.`);
      requireWard(person, ward);
    },
  });
  commandRoute(app, requester, audit, {
    command: 'setDuty',
    url: '/api/records/duty',
    right: 'keep_duty',
    guard: own,
    subject: ({ ward, shift }) => `${ward} ${shift}`,
  });
  commandRoute(app, requester, audit, {
    command: 'importCsv',
    url: '/api/records/import',
    right: 'keep_duty',
    subject: ({ kind }) => kind,
    guard(person) {
      // A file may name any ward, so it takes somebody who works with all of them.
      if (person.wards !== undefined) throw forbidden('Only somebody who works with every ward may import a file.');
    },
  });

  app.get(
    '/api/wards/:ward/beds/:bed/orders',
    {
      config: { access: 'see' },
      schema: {
        summary: commands.listOrders.summary,
        tags: ['records'],
        params: strict({ ward: Id, bed: Id }),
        response: { 200: commands.listOrders.result },
      },
    },
    async (request) => {
      const person = personOf(request);
      requireWard(person, request.params.ward);
      await audit.write(person.username, 'see-orders', bed(request.params), 'ok');
      return requester.request('listOrders', request.params, { person: person.username });
    },
  );
}
