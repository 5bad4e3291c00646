import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ago, boundMatters, clockTime, duration, rate, volume } from './format.ts';

describe('figures and times', () => {
  it('never say that there is more time than there is', () => {
    assert.equal(duration(59_999, 'en'), '59 s');
    assert.equal(duration(48 * 60_000 + 59_000, 'en'), '48 min');
    assert.equal(duration(3 * 3_600_000 + 5 * 60_000, 'en'), '3 h 05');
    assert.equal(duration(-5, 'en'), '0 s');
    assert.equal(duration(26 * 3_600_000, 'zh-CN'), '1 天 2 小时');
    assert.equal(ago(180_000, 'zh-CN'), '3 分钟前');
    assert.equal(ago(180_000, 'en'), '3 min ago');
  });
  it('are in the time of the hospital, 24 hours, in both languages', () => {
    const at = Date.UTC(2026, 0, 1, 16, 5);
    assert.equal(clockTime(at, 'en', 'Asia/Shanghai'), '00:05');
    assert.equal(clockTime(at, 'zh-CN', 'Asia/Shanghai'), '00:05');
  });
  it('show what is not known as a dash, never as zero', () => {
    assert.equal(volume(undefined), '—');
    assert.equal(rate(undefined), '—');
    assert.equal(volume(0), '0');
    assert.equal(rate(4.25), '4.3');
    assert.equal(volume(119.6), '120');
  });
  it('show a bound only where it could change what a person does', () => {
    assert.ok(boundMatters(22, 6));
    assert.ok(!boundMatters(412, 6));
    assert.ok(!boundMatters(undefined, 6));
    assert.ok(!boundMatters(2, 0.5));
  });
});
