import { Type } from 'typebox';
import { commands, trendFields } from '#contracts/commands.ts';
import { Id, InstantSchema, oneOf, strict } from '#contracts/schema.ts';
import type { Requester } from '#runtime/commands.ts';
import { type App, personOf, requireWard } from '../app.ts';
import type { Audit } from '../audit.ts';
import { forbidden } from '../problems.ts';
import { may } from '../rights.ts';

/** Trends of a bed's line, a device or a robot, and how far recording has come. */
export async function trendRoutes(app: App, requester: Requester, audit: Audit): Promise<void> {
  app.get(
    '/api/trends',
    {
      config: { access: 'see' },
      schema: {
        summary: commands.query.summary,
        tags: ['history'],
        querystring: strict({
          measurement: oneOf(['infusion', 'reading', 'robot'] as const),
          field: oneOf(trendFields),
          ward: Type.Optional(Id),
          bed: Type.Optional(Id),
          line: Type.Optional(Id),
          device: Type.Optional(Id),
          robot: Type.Optional(Id),
          from: InstantSchema,
          until: InstantSchema,
          points: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 })),
        }),
        response: { 200: commands.query.result },
      },
    },
    async (request) => {
      const person = personOf(request);
      const { points = 480, ...asked } = request.query;
      if (asked.ward !== undefined) requireWard(person, asked.ward);
      else if (asked.measurement !== 'robot' && !(may(person, 'see_equipment') && person.wards === undefined))
        throw forbidden('Say which ward: only engineers and the command centre look across all of them.');
      await audit.write(
        person.username,
        'see-trend',
        [asked.ward, asked.bed, asked.line, asked.device, asked.robot].filter(Boolean).join('/'),
        'ok',
      );
      return requester.request('query', { ...asked, points }, { person: person.username });
    },
  );

  app.get(
    '/api/history/counts',
    {
      config: { access: 'see_equipment' },
      schema: { summary: commands.counts.summary, tags: ['history'], response: { 200: commands.counts.result } },
    },
    async (request) => requester.request('counts', {}, { person: personOf(request).username }),
  );
}
