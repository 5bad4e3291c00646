import { alarisGh } from './alaris-gh.ts';
import { dripCounter } from './drip-counter.ts';
import type { Driver } from './driver.ts';
import { httpJpeg } from './http-jpeg.ts';
import { mtSics } from './mt-sics.ts';
import { presence } from './presence.ts';
import { yrm100 } from './yrm100.ts';

/** Every driver that a site file may name. */
export const drivers: readonly Driver[] = [mtSics, dripCounter, alarisGh, yrm100, httpJpeg, presence];

export const driverOf = (id: string): Driver | undefined => drivers.find((driver) => driver.id === id);
