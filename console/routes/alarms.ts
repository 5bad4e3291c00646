import { Type } from 'typebox';
import { commands } from '#contracts/commands.ts';
import { Id, strict } from '#contracts/schema.ts';
import type { Requester } from '#runtime/commands.ts';
import { type App, personOf, requireWard } from '../app.ts';
import type { Audit } from '../audit.ts';
import type { Mirror } from '../mirror.ts';
import { forbidden, notFound } from '../problems.ts';
import { mayAnswer, seesWard } from '../rights.ts';
import { commandRoute } from './commands.ts';

/** Alarms: answer one, read what became of past ones. */
export async function alarmRoutes(app: App, mirror: Mirror, requester: Requester, audit: Audit): Promise<void> {
  commandRoute(app, requester, audit, {
    command: 'acknowledge',
    url: '/api/alarms/acknowledge',
    right: 'answer_alarms',
    subject: ({ alarm }) => alarm,
    guard(person, { alarm }) {
      const held = mirror.all('alarm').find(({ message }) => message.alarm === alarm);
      if (!held || !seesWard(person, held.message.ward)) throw notFound(`There is no open alarm ${alarm}.`);
      if (!mayAnswer(person, held.message)) throw forbidden('This alarm asks somebody else.');
    },
  });

  app.get(
    '/api/alarms/log',
    {
      config: { access: 'see' },
      schema: {
        summary: commands.alarmLog.summary,
        tags: ['alarms'],
        querystring: strict({ ward: Type.Optional(Id), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }),
        response: { 200: commands.alarmLog.result },
      },
    },
    async (request) => {
      const person = personOf(request);
      const { ward, limit = 100 } = request.query;
      if (ward !== undefined) requireWard(person, ward);
      await audit.write(person.username, 'see-alarm-log', ward, 'ok');
      const { transitions } = await requester.request(
        'alarmLog',
        { limit, ...(ward === undefined ? {} : { ward }) },
        { person: person.username },
      );
      return { transitions: transitions.filter((transition) => seesWard(person, transition.ward)) };
    },
  );
}
