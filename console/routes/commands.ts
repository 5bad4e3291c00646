import { type CommandName, commands } from '#contracts/commands.ts';
import type { ArgsOf, Requester, ResultOf } from '#runtime/commands.ts';
import { type App, personOf } from '../app.ts';
import type { Audit } from '../audit.ts';
import { ProblemSchema } from '../problems.ts';
import type { Person, Right } from '../rights.ts';

export interface CommandRoute<C extends CommandName> {
  readonly command: C;
  readonly url: string;
  readonly right: Right;
  /** Throws a problem where the person may not do it to this ward, bed or alarm. */
  readonly guard?: (person: Person, args: ArgsOf<C>) => void;
  /** What the audit names. */
  readonly subject?: (args: ArgsOf<C>) => string | undefined;
}

/** A command of the bus as `POST`: the body is its arguments, the answer its result. The owner's refusal comes back as a problem in its own words. */
export function commandRoute<C extends CommandName>(
  app: App,
  requester: Requester,
  audit: Audit,
  { command, url, right, guard, subject }: CommandRoute<C>,
): void {
  const { args, result, summary, service } = commands[command];
  app.post(
    url,
    {
      config: { access: right },
      schema: {
        summary,
        tags: [service],
        body: args,
        response: { 200: result, 403: ProblemSchema, 409: ProblemSchema, 504: ProblemSchema },
      },
    },
    async (request): Promise<ResultOf<C>> => {
      const person = personOf(request);
      const asked = request.body as ArgsOf<C>;
      guard?.(person, asked);
      try {
        const answer = await requester.request(command, asked, { person: person.username });
        await audit.write(person.username, command, subject?.(asked), 'ok');
        return answer;
      } catch (error) {
        await audit.write(person.username, command, subject?.(asked), error instanceof Error ? error.message : 'failed');
        throw error;
      }
    },
  );
}
