import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Role } from '#contracts/site.ts';
import { may, mayAnswer, type Person, rightsOf, seesWard, viewKey, viewOf } from './rights.ts';

const person = (roles: Role[], wards?: string[]): Person => ({ username: 'x', displayName: 'X', roles, ...(wards ? { wards } : {}) });

describe('rights', () => {
  it('gives an administrator people and flows, but no patient', () => {
    const admin = person(['admin']);
    assert.ok(may(admin, 'keep_people'));
    assert.ok(may(admin, 'edit_flows'));
    for (const right of ['answer_alarms', 'keep_records', 'send_robot', 'resume_robots'] as const) assert.ok(!may(admin, right), right);
  });

  it('lets everybody stop the robots, and only logistics and the command centre let them go on', () => {
    for (const role of ['nurse', 'charge_nurse', 'logistics', 'command_centre', 'engineer', 'admin'] as const) {
      assert.ok(may(person([role]), 'stop_robots'), role);
      assert.equal(may(person([role]), 'resume_robots'), role === 'logistics' || role === 'command_centre', role);
    }
  });

  it('adds up the roles of a person', () => {
    assert.ok(rightsOf(person(['nurse', 'engineer'])).includes('edit_flows'));
    assert.ok(rightsOf(person(['nurse', 'engineer'])).includes('keep_records'));
  });

  it('keeps the house to those who look after equipment, and a ward to its people', () => {
    assert.ok(!seesWard(person(['nurse']), 'house'));
    assert.ok(seesWard(person(['logistics'], ['w1']), 'house'));
    assert.ok(seesWard(person(['nurse'], ['w1']), 'w1'));
    assert.ok(!seesWard(person(['nurse'], ['w1']), 'w2'));
    assert.ok(seesWard(person(['nurse']), 'w2'));
  });

  it('lets an alarm be answered by those it asks, a patient alarm by nurses alone', () => {
    const empty = { ward: 'w1', kind: 'empty', route: ['nurse', 'command_centre'] } as const;
    const lost = { ward: 'house', kind: 'robot_lost', route: ['logistics', 'command_centre'] } as const;
    const asked = (role: Role, alarm: typeof empty | typeof lost, wards?: string[]) =>
      mayAnswer(person([role], wards), { ...alarm, route: [...alarm.route] });
    assert.ok(asked('nurse', empty));
    assert.ok(asked('charge_nurse', empty));
    assert.ok(!asked('nurse', empty, ['w2']));
    assert.ok(!asked('command_centre', empty));
    assert.ok(asked('command_centre', lost));
    assert.ok(asked('logistics', lost));
    assert.ok(!asked('nurse', lost));
    assert.ok(!asked('admin', lost));
  });

  it('gives people who see the same one key', () => {
    assert.equal(viewKey(viewOf(person(['nurse'], ['b', 'a']))), viewKey(viewOf(person(['charge_nurse'], ['a', 'b']))));
    assert.notEqual(viewKey(viewOf(person(['nurse'], ['a']))), viewKey(viewOf(person(['nurse']))));
    assert.notEqual(viewKey(viewOf(person(['logistics']))), viewKey(viewOf(person(['engineer']))));
  });
});
