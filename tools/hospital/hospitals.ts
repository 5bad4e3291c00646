import { type Building, building, finishFloor, floorPlan } from './building.ts';
import { addCore, addNook, addSupply, coreLength, SUPPLY_LENGTH } from './core.ts';
import { addWard, type PlannedWard, type WardSpec, wardLength } from './ward-plan.ts';

/** The two hospitals that ship with Wardline, as buildings. */
export interface Hospital {
  readonly site: 'demo' | 'reference';
  readonly name: { 'zh-CN': string; en: string };
  readonly floors: readonly string[];
  readonly house: Building;
  readonly wards: readonly (PlannedWard & { readonly outside: readonly string[] })[];
}

const PHARMACY = { 'zh-CN': '药房', en: 'Pharmacy' };
const CENTRAL_STORE = { 'zh-CN': '物资库', en: 'Central store' };
const LAUNDRY = { 'zh-CN': '洗衣房', en: 'Laundry' };
const ENTRANCE = { 'zh-CN': '大门', en: 'Main entrance' };
const LOUNGE = { 'zh-CN': '休息区', en: 'Lounge' };

/** Two wards above each other, 12 beds each in rooms of two. */
export function demoHospital(): Hospital {
  const house = building();
  const core = { lifts: ['L1', 'L2'], chargers: 4, parking: 3 };
  const names = [
    { 'zh-CN': '内科一病区', en: 'Internal medicine' },
    { 'zh-CN': '外科二病区', en: 'Surgery' },
  ];
  const wards = ['F1', 'F2'].map((floor, i) => {
    const plan = floorPlan(house, floor);
    addCore(plan, { id: 'core', x0: 0, ...core });
    const x = coreLength(core);
    if (i === 0) addSupply(plan, 'pharmacy', 'pharmacy', PHARMACY, x);
    else addSupply(plan, 'central-store', 'store', CENTRAL_STORE, x);
    addNook(plan, i === 0 ? 'entrance' : 'lounge', i === 0 ? 'outside' : 'corridor', i === 0 ? ENTRANCE : LOUNGE, 1, [
      x,
      x + SUPPLY_LENGTH,
      4,
    ]);
    const spec: WardSpec = { id: `w${i + 1}`, name: names[i]!, beds: 12, rooms: 6, bedsPerRoom: 2 };
    const ward = addWard(plan, spec, x + SUPPLY_LENGTH);
    finishFloor(plan);
    return { ...ward, outside: [`${floor}-${i === 0 ? 'pharmacy' : 'central-store'}-hall`, `${floor}-core-lobby`] };
  });
  return { site: 'demo', name: { 'zh-CN': '演示医院', en: 'Demo hospital' }, floors: ['F1', 'F2'], house, wards };
}

const SPECIALTIES = [
  { 'zh-CN': '急诊病房', en: 'Emergency' },
  { 'zh-CN': '心内科', en: 'Cardiology' },
  { 'zh-CN': '呼吸内科', en: 'Respiratory medicine' },
  { 'zh-CN': '消化内科', en: 'Gastroenterology' },
  { 'zh-CN': '神经内科', en: 'Neurology' },
  { 'zh-CN': '普外科', en: 'General surgery' },
  { 'zh-CN': '骨科', en: 'Orthopaedics' },
  { 'zh-CN': '泌尿外科', en: 'Urology' },
  { 'zh-CN': '妇科', en: 'Gynaecology' },
  { 'zh-CN': '产科', en: 'Obstetrics' },
  { 'zh-CN': '儿科', en: 'Paediatrics' },
  { 'zh-CN': '肿瘤科', en: 'Oncology' },
  { 'zh-CN': '老年科', en: 'Geriatrics' },
] as const;

/** 13 wards and 608 beds on five floors, twelve lifts in two cores; the ground floor has one ward and the supplies. */
export function referenceHospital(): Hospital {
  const house = building();
  const floors = ['F1', 'F2', 'F3', 'F4', 'F5'];
  const core = { chargers: 6, parking: 5 };
  const lifts = (letter: string) => Array.from({ length: 6 }, (_, i) => `${letter}${i + 1}`);
  const specs = SPECIALTIES.map(
    (name, i): WardSpec => ({ id: `w${String(i + 1).padStart(2, '0')}`, name, beds: i < 10 ? 47 : 46, rooms: 8, bedsPerRoom: 6 }),
  );
  const length = wardLength(specs[0]!);
  const coreA = length;
  const wardB = coreA + coreLength({ ...core, lifts: lifts('A') });
  const coreB = wardB + length;
  const wardC = coreB + coreLength({ ...core, lifts: lifts('B') });
  const wards = floors.flatMap((floor, i) => {
    const plan = floorPlan(house, floor);
    addCore(plan, { id: 'a', x0: coreA, lifts: lifts('A'), ...core });
    addCore(plan, { id: 'b', x0: coreB, lifts: lifts('B'), ...core });
    const outsideA = [`${floor}-a-hall`, `${floor}-a-lobby`];
    const outsideB = [`${floor}-b-hall`, `${floor}-b-lobby`];
    const planned = [];
    if (i === 0) {
      addSupply(plan, 'pharmacy', 'pharmacy', PHARMACY, coreA - SUPPLY_LENGTH);
      addSupply(plan, 'central-store', 'store', CENTRAL_STORE, coreA - 2 * SUPPLY_LENGTH);
      addSupply(plan, 'laundry', 'store', LAUNDRY, wardC);
      addNook(plan, 'entrance', 'outside', ENTRANCE, 1, [coreA - 2 * SUPPLY_LENGTH, coreA, 6]);
      planned.push({ ...addWard(plan, specs[0]!, wardB), outside: outsideA });
    } else {
      const [first, second, third] = specs.slice(1 + (i - 1) * 3);
      planned.push({ ...addWard(plan, first!, 0, 'east'), outside: outsideA });
      planned.push({ ...addWard(plan, second!, wardB), outside: outsideA });
      planned.push({ ...addWard(plan, third!, wardC), outside: outsideB });
    }
    finishFloor(plan);
    return planned;
  });
  return { site: 'reference', name: { 'zh-CN': '参考医院', en: 'Reference hospital' }, floors, house, wards };
}
