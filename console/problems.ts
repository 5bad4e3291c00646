import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { strict } from '#contracts/schema.ts';
import { Refusal } from '#runtime/commands.ts';
import { OperationalError } from '#runtime/errors.ts';

/** RFC 9457: what went wrong, for a person (`detail`) and for a program (`code`). */
export const ProblemSchema = strict({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  code: Type.String(),
});

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
  }
}

export const forbidden = (detail: string) => new Problem(403, 'forbidden', detail);
export const notFound = (detail: string) => new Problem(404, 'not_found', detail);

const TITLES: Record<number, string> = {
  400: 'The request cannot be read',
  401: 'Log in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Refused',
  413: 'Too large',
  415: 'Unknown form of content',
  429: 'Too many tries',
  500: 'An error of ours',
  501: 'Not served',
  502: 'The service failed',
  503: 'Not available at this moment',
  504: 'No answer in time',
};

const REFUSED = { refused: 409, invalid: 400, unknown: 501, expired: 504, failed: 502, overloaded: 503 } as const;
const OUTSIDE: Partial<Record<OperationalError['code'], number>> = {
  COMMAND_DEADLINE: 504,
  DISK_FULL: 503,
  BUS_OFFLINE: 503,
  BUS_CLOSED: 503,
  BUS_OVERLOADED: 503,
  BUS_REFUSED: 502,
};

function problemOf(error: FastifyError): { status: number; code: string; detail?: string } {
  if (error instanceof Problem) return { status: error.status, code: error.code, detail: error.message };
  if (error instanceof Refusal) return { status: REFUSED[error.code], code: error.code, detail: error.message };
  if (error instanceof OperationalError)
    return { status: OUTSIDE[error.code] ?? 500, code: error.code.toLowerCase(), detail: error.message };
  if (error.validation) return { status: 400, code: 'invalid', detail: error.message };
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return { status: error.statusCode, code: error.statusCode === 429 ? 'too_many' : 'invalid', detail: error.message };
  return { status: 500, code: 'internal' };
}

export function sendProblem(reply: FastifyReply, status: number, code: string, detail?: string): FastifyReply {
  const title = TITLES[status] ?? 'Error';
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: `urn:wardline:problem:${code}`, title, status, code, ...(detail === undefined ? {} : { detail }) });
}

/** Every error leaves as a problem; our own bugs are logged with their stack and say nothing of it outside. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, detail } = problemOf(error);
  if (status === 500) request.log.error({ err: error, url: request.url }, 'request failed');
  return sendProblem(reply, status, code, detail);
}
