import { Type } from 'typebox';
import { commands } from '#contracts/commands.ts';
import { strict } from '#contracts/schema.ts';
import type { Requester } from '#runtime/commands.ts';
import { type App, personOf, requireWard } from '../app.ts';
import type { Audit } from '../audit.ts';
import type { Mirror } from '../mirror.ts';
import { forbidden, notFound } from '../problems.ts';
import { commandRoute } from './commands.ts';

/** Robots: send, call back, stop, let go on. */
export async function fleetRoutes(app: App, mirror: Mirror, requester: Requester, audit: Audit): Promise<void> {
  commandRoute(app, requester, audit, {
    command: 'sendRobot',
    url: '/api/missions',
    right: 'send_robot',
    subject: ({ to, zone }) => to ?? zone,
    guard: (person, { ward }) => ward !== undefined && requireWard(person, ward),
  });
  commandRoute(app, requester, audit, {
    command: 'cancelMission',
    url: '/api/missions/cancel',
    right: 'cancel_mission',
    subject: ({ mission }) => mission,
    guard(person, { mission }) {
      const held = mirror.get('mission', mission);
      if (!held) throw notFound(`There is no open mission ${mission}.`);
      const isOwn = held.message.requestedBy === person.username;
      const isNursing = person.roles.every((role) => role === 'nurse');
      if (isNursing && !isOwn) throw forbidden('A nurse cancels the missions that she asked for; ask logistics.');
      if (held.message.ward !== undefined) requireWard(person, held.message.ward);
    },
  });
  commandRoute(app, requester, audit, {
    command: 'stopAll',
    url: '/api/fleet/stop',
    right: 'stop_robots',
    subject: ({ because }) => because,
  });
  commandRoute(app, requester, audit, { command: 'resumeAll', url: '/api/fleet/resume', right: 'resume_robots' });
  commandRoute(app, requester, audit, { command: 'fire', url: '/api/fleet/fire', right: 'say_fire' });

  app.get(
    '/api/missions',
    {
      config: { access: 'see' },
      schema: {
        summary: commands.listMissions.summary,
        tags: ['fleet'],
        querystring: strict({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }),
        response: { 200: commands.listMissions.result },
      },
    },
    async (request) => {
      const { username } = personOf(request);
      return requester.request('listMissions', { limit: request.query.limit ?? 100 }, { person: username });
    },
  );
}
