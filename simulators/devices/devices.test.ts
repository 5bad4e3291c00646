import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import type { PumpFigures } from '#simulators/infusion/infusion.ts';
import { random } from '#simulators/random.ts';
import { alarisPump, crcCcittFalse } from './alaris-gh.ts';
import type { Device } from './device.ts';
import { dripCounter } from './drip-counter.ts';
import { mtSicsScale } from './mt-sics.ts';
import { presenceSensor } from './presence.ts';
import { crcGen2, type TagRead, tagNotice, yrm100Reader } from './yrm100.ts';

const start = instant(Date.UTC(2026, 0, 1));

function talk(device: Device) {
  const heard: Buffer[] = [];
  const conversation = device.connect((bytes) => heard.push(Buffer.from(bytes as Uint8Array)));
  return {
    say: (bytes: string | Uint8Array) => conversation.receive(Buffer.from(bytes as Uint8Array)),
    hear: () => Buffer.concat(heard.splice(0)),
    text: () => Buffer.concat(heard.splice(0)).toString('latin1'),
    close: () => conversation.close(),
  };
}
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('MT-SICS scale', () => {
  const setUp = (grams: () => number) => {
    const clock = virtualClock(start);
    return { clock, wire: talk(mtSicsScale({ load: grams, clock, random: random(1), serialNumber: 'WS-1' })) };
  };
  it('answers SI with ten characters of weight', () => {
    const { clock, wire } = setUp(() => 100);
    clock.advance(milliseconds(1500));
    wire.say('SI\r\n');
    const answer = wire.text();
    assert.match(answer, /^S S {6}\d{2,3}\.\d g\r\n$/);
    assert.equal(answer.length, 18);
    assert.ok(Math.abs(Number(answer.slice(4, 14)) - 100) < 3);
  });
  it('says dynamic while the load changes, and S waits for rest', () => {
    let load = 500;
    const { clock, wire } = setUp(() => load);
    clock.advance(milliseconds(2000));
    load = 300;
    wire.say('SI\r\nS\r\n');
    assert.match(wire.text(), /^S D +\d+\.\d g\r\n$/);
    clock.advance(milliseconds(2000));
    assert.match(wire.text(), /^S S +(299|300|301)\.\d g\r\n$/);
  });
  it('repeats after SIR until it is told otherwise', () => {
    const { clock, wire } = setUp(() => 10);
    wire.say('SIR\r\n');
    clock.advance(milliseconds(1000));
    assert.equal(wire.text().split('\r\n').length - 1, 6);
    wire.say('@\r\n');
    assert.equal(wire.text(), 'I4 A "WS-1"\r\n');
    clock.advance(milliseconds(1000));
    assert.equal(wire.text(), '');
  });
  it('reports overload and nonsense', () => {
    const { wire } = setUp(() => 6000);
    wire.say('SI\r\nHELLO\r\nZ\r\n');
    assert.equal(wire.text(), 'S +\r\nES\r\nZ +\r\n');
  });
});

describe('Alaris pump', () => {
  const figures: PumpFigures = { rateMlPerHour: 50, toInfuseMl: 25, infusedMl: 225, pressureMmHg: 31, mode: 'infusing', alarm: 'none' };
  it('has the checksum of recorded exchanges', () => {
    assert.equal(crcCcittFalse('INF'), '4961');
    assert.equal(crcCcittFalse('INST_SERIALNO'), '457D');
    assert.equal(crcCcittFalse('ALARM^AL_NOALM^ ^ '), 'C73B');
    assert.equal(crcCcittFalse('INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725'), 'DB9D');
  });
  it('answers like the recorded pump', () => {
    const wire = talk(alarisPump({ figures: () => figures, serialNumber: '8002-51740' }));
    wire.say('!INST_SERIALNO|457D\r');
    assert.equal(wire.text(), '!INST_SERIALNO^8002-51740|050B\r');
    wire.say('!INF|4961\r');
    assert.match(
      wire.text(),
      /^!INF\^8002-51740\^-\^INF\^50\.00\^ml\/h\^\^225\.000\^ml\^31\.00\^mmHg\^00:30:00\^EVENT\^\d+\|[0-9A-F]{4}\r$/,
    );
    wire.say('!INF_VTBI|8456\r');
    assert.match(wire.text(), /^!INF_VTBI\^ACTIV\^25\.000\^ml\^KVO\|/);
  });
  it('says nothing to a wrong checksum and refuses commands', () => {
    const wire = talk(alarisPump({ figures: () => figures, serialNumber: '1' }));
    wire.say('!INF|0000\r');
    assert.equal(wire.text(), '');
    wire.say('!INF_STOP|CD57\r');
    assert.match(wire.text(), /^!ERROR\^INF_STOP\|/);
  });
});

describe('YRM100 reader', () => {
  const tag: TagRead = { epc: '30751FEB705C5904E3D50D70', rssiDbm: -55 };
  const multiPoll = hex('BB 00 27 00 03 22 27 10 83 7E');
  const setUp = (tags: TagRead[]) => {
    const clock = virtualClock(start);
    return { clock, wire: talk(yrm100Reader({ round: () => tags, clock, roundMs: 500 })) };
  };
  it('notices a tag as the manual shows it', () => {
    const notice = tagNotice(tag);
    assert.equal(notice.subarray(0, 6).toString('hex'), 'bb02220011c9');
    assert.equal(notice.subarray(8, 20).toString('hex').toUpperCase(), tag.epc);
    assert.equal(notice.length, 24);
    assert.equal(crcGen2(hex('3400 30751FEB705C5904E3D50D70')), 0x3a76);
  });
  it('reads once, polls until stopped, and says when there is no tag', () => {
    const { clock, wire } = setUp([tag]);
    wire.say(hex('BB 00 22 00 00 22 7E'));
    assert.deepEqual(wire.hear(), tagNotice(tag));
    wire.say(multiPoll);
    clock.advance(milliseconds(2000));
    assert.equal(wire.hear().length, 4 * 24);
    wire.say(multiPoll);
    clock.advance(milliseconds(1000));
    assert.equal(wire.hear().length, 2 * 24);
    wire.say(hex('BB 00 28 00 00 28 7E'));
    assert.deepEqual(wire.hear(), hex('BB 01 28 00 01 00 2A 7E'));
    clock.advance(milliseconds(2000));
    assert.equal(wire.hear().length, 0);
    const empty = setUp([]);
    empty.wire.say(hex('BB 00 22 00 00 22 7E'));
    assert.deepEqual(empty.wire.hear(), hex('BB 01 FF 00 01 15 16 7E'));
  });
  it('finds its way back after garbage and split frames', () => {
    const { wire } = setUp([tag]);
    wire.say(Buffer.concat([hex('00 BB 00 22 00 00 23 7E'), hex('BB 00 22')]));
    assert.equal(wire.hear().length, 0);
    wire.say(hex('00 00 22 7E'));
    assert.deepEqual(wire.hear(), tagNotice(tag));
  });
});

describe('devices that speak by themselves', () => {
  it('a drip counter tells drops with its own clock, and light each second', () => {
    const clock = virtualClock(start);
    const counter = dripCounter(clock, random(2));
    const wire = talk(counter);
    counter.drop(40);
    clock.advance(milliseconds(500));
    counter.drop(0);
    clock.advance(milliseconds(500));
    const lines = wire.text().split('\r\n');
    const [first, second] = lines.map((line) => Number(line.split(',')[1]));
    assert.match(lines[0]!, /^D,\d+$/);
    assert.equal(second! - first!, 540);
    assert.match(lines[2]!, /^A,\d+,\d{1,4}$/);
    wire.close();
    clock.advance(milliseconds(5000));
    assert.equal(wire.text(), '');
  });
  it('a presence sensor tells its state at once, at changes and every 5 s', () => {
    const clock = virtualClock(start);
    let isPresent = false;
    const wire = talk(presenceSensor(() => isPresent, clock));
    assert.equal(wire.text(), 'P,0\r\n');
    isPresent = true;
    clock.advance(milliseconds(500));
    assert.equal(wire.text(), 'P,1\r\n');
    clock.advance(milliseconds(5000));
    assert.equal(wire.text(), 'P,1\r\n');
  });
});
