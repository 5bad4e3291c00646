import { type Argon2Parameters, argon2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { OperationalError } from '#runtime/errors.ts';

/** Passwords by argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), kept as a PHC string. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;
/** A flood of logins must not take the machine: at most this many hashes run or wait at once. */
const OPEN_MAX = 16;

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, key: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);
let open = 0;

async function tagOf(password: string, salt: Buffer, memory: number, passes: number, parallelism: number): Promise<Buffer> {
  if (open >= OPEN_MAX) throw new OperationalError('BUS_OVERLOADED', 'too many people log in at this moment: try again');
  open++;
  try {
    return await derive({ message: password.normalize('NFKC'), nonce: salt, memory, passes, parallelism, tagLength: TAG_BYTES });
  } finally {
    open--;
  }
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** The PHC string of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await tagOf(password, salt, MEMORY_KIB, PASSES, 1);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${base64(salt)}$${base64(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;

/** Does the password belong to the PHC string? Takes the same time whether or not it does. */
export async function isPassword(password: string, phc: string): Promise<boolean> {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(phc) ?? [];
  if (tag === undefined) throw new RangeError('a stored password is not an argon2id string');
  const expected = Buffer.from(tag, 'base64');
  const found = await tagOf(password, Buffer.from(salt as string, 'base64'), Number(memory), Number(passes), Number(lanes));
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** Checked against when nobody has the name, so that a wrong name takes as long as a wrong password. */
export const NOBODY: Promise<string> = hashPassword(randomBytes(16).toString('hex'));

const CONSONANTS = 'bdfghjkmnprstvz';
const VOWELS = 'aeiou';

/** A password that can be read aloud and typed with gloves: four syllable pairs and four digits, about 2^44 possibilities. */
export function readablePassword(): string {
  const syllable = () => `${CONSONANTS[randomInt(CONSONANTS.length)]}${VOWELS[randomInt(VOWELS.length)]}`;
  const word = () => syllable() + syllable();
  return `${word()}-${word()}-${String(randomInt(10_000)).padStart(4, '0')}`;
}
