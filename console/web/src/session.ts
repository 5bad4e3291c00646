import { computed, ref, shallowRef } from 'vue';
import type { Role } from '#contracts/site.ts';
import type { FloorDrawing, SiteForScreens } from '../../drawing.ts';
import type { Right } from '../../rights.ts';
import { ApiProblem, call } from './api.ts';

export interface Me {
  username: string;
  displayName: string;
  roles: Role[];
  wards?: string[];
  rights: Right[];
}

export const me = ref<Me>();
export const site = shallowRef<SiteForScreens>();
export const floors = shallowRef<FloorDrawing[]>([]);

export const may = (right: Right): boolean => me.value?.rights.includes(right) ?? false;
export const wards = computed(() => site.value?.wards ?? []);

async function load(person: Me): Promise<void> {
  const [siteNow, layout] = await Promise.all([
    call<SiteForScreens>('GET', '/api/site'),
    call<{ floors: FloorDrawing[] }>('GET', '/api/layout'),
  ]);
  site.value = siteNow;
  floors.value = layout.floors;
  me.value = person;
}

/** Takes up the session that the browser still has. False: log in. */
export async function resume(): Promise<boolean> {
  if (me.value) return true;
  try {
    await load(await call<Me>('GET', '/api/me'));
    return true;
  } catch (error) {
    if (error instanceof ApiProblem) return false;
    throw error;
  }
}

export async function logIn(username: string, password: string): Promise<void> {
  await load(await call<Me>('POST', '/api/login', { username, password }));
}

export async function logOut(): Promise<void> {
  await call('POST', '/api/logout').catch((error: unknown) => {
    if (!(error instanceof ApiProblem)) throw error;
  });
  forget();
}

export function forget(): void {
  me.value = undefined;
  site.value = undefined;
  floors.value = [];
}

/** The first screen of a person: what their role asks first. */
export function homeOf(person: Me): string {
  const has = (role: Role) => person.roles.includes(role);
  if (has('nurse') || has('charge_nurse')) return '/ward';
  if (has('logistics')) return '/dispatch';
  if (has('command_centre')) return '/command';
  return '/engineer';
}
