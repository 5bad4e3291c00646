import { createRouter, createWebHistory } from 'vue-router';
import type { Right } from '../../rights.ts';
import { homeOf, may, me, resume } from './session.ts';

declare module 'vue-router' {
  interface RouteMeta {
    /** Screens without it are for everybody who is logged in. */
    right?: Right;
    isOpen?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/login', component: () => import('./views/LogIn.vue'), meta: { isOpen: true } },
    { path: '/ward/:ward?', component: () => import('./views/WardBoard.vue') },
    { path: '/ward/:ward/bed/:bed', component: () => import('./views/BedDetail.vue') },
    { path: '/alarms', component: () => import('./views/AlarmList.vue') },
    { path: '/dispatch', component: () => import('./views/DispatchBoard.vue') },
    { path: '/command', component: () => import('./views/CommandCentre.vue') },
    { path: '/engineer', component: () => import('./views/EngineerDesk.vue'), meta: { right: 'see_equipment' } },
    { path: '/import', component: () => import('./views/ImportRecords.vue'), meta: { right: 'keep_duty' } },
    { path: '/people', component: () => import('./views/PeopleList.vue'), meta: { right: 'keep_people' } },
    { path: '/:rest(.*)*', component: () => import('./views/WardBoard.vue'), beforeEnter: () => (me.value ? homeOf(me.value) : '/login') },
  ],
});

router.beforeEach(async (to) => {
  const isIn = await resume();
  if (to.meta.isOpen) return isIn && me.value ? homeOf(me.value) : true;
  if (!isIn || !me.value) return { path: '/login', query: to.path === '/' ? {} : { to: to.fullPath } };
  if (to.meta.right && !may(to.meta.right)) return homeOf(me.value);
  return true;
});
