import type { LocalText } from './schema.ts';

/** IEC 60601-1-8 alarm priorities. */
export const priorities = ['high', 'medium', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** Whom an alarm is about: the infusion or person, or the equipment. */
export type AlarmCategory = 'patient' | 'technical';

/** Who is told, in order; the alarm goes to the next when it stays unanswered. */
export const recipients = ['nurse', 'buddy', 'charge_nurse', 'ward', 'logistics', 'engineer', 'command_centre'] as const;
export type Recipient = (typeof recipients)[number];

export interface AlarmKind {
  readonly category: AlarmCategory;
  readonly priority: Priority;
  /** The finding must hold this long before the alarm is raised (ward.md §1). */
  readonly onDelayMs: number;
  /** The finding must be absent this long before the alarm ends; never shorter than the on-delay. */
  readonly offDelayMs: number;
  readonly escalateAfterMs: number;
  readonly route: readonly Recipient[];
  readonly text: LocalText;
  readonly action: LocalText;
}

const nursing = ['nurse', 'charge_nurse', 'ward'] as const;
const engineering = ['engineer', 'command_centre'] as const;
const logistics = ['logistics', 'command_centre'] as const;

const patient = (
  priority: Priority,
  onDelayMs: number,
  offDelayMs: number,
  en: string,
  zh: string,
  actionEn: string,
  actionZh: string,
): AlarmKind => ({
  category: 'patient',
  priority,
  onDelayMs,
  offDelayMs,
  escalateAfterMs: priority === 'high' ? 30_000 : priority === 'medium' ? 60_000 : 300_000,
  route: nursing,
  text: { en, 'zh-CN': zh },
  action: { en: actionEn, 'zh-CN': actionZh },
});
const technical = (
  priority: Priority,
  onDelayMs: number,
  route: readonly Recipient[],
  en: string,
  zh: string,
  actionEn: string,
  actionZh: string,
): AlarmKind => ({ ...patient(priority, onDelayMs, Math.max(onDelayMs, 5000), en, zh, actionEn, actionZh), category: 'technical', route });

/** Every kind of finding, and the alarm that it becomes where no flow decides otherwise: the safe defaults of design rule 6. */
export const alarmKinds = {
  near_empty: patient('medium', 10_000, 10_000, 'Almost empty', '快滴完了', 'Bring the next bag.', '准备下一袋。'),
  empty: patient('high', 2000, 5000, 'Empty', '已滴完', 'Change the bag or close the clamp.', '更换输液袋或关闭调节器。'),
  stalled: patient(
    'medium',
    5000,
    5000,
    'Drip has stopped',
    '输液停滴',
    'Check the line, the clamp and the needle.',
    '检查管路、调节器和穿刺处。',
  ),
  free_flow: patient('high', 0, 2000, 'Running far too fast', '流速失控', 'Close the clamp now.', '立即关闭调节器。'),
  rate_high: patient('medium', 30_000, 30_000, 'Running too fast', '滴速过快', 'Slow the drip to its ordered rate.', '调慢至医嘱滴速。'),
  rate_low: patient(
    'low',
    30_000,
    30_000,
    'Running too slow',
    '滴速过慢',
    'Check the line and set the ordered rate.',
    '检查管路并调至医嘱滴速。',
  ),
  bag_removed: patient('medium', 2000, 2000, 'Bag taken away', '输液袋被取下', 'Look at the bed.', '查看该床位。'),
  occlusion: patient('high', 0, 5000, 'Line blocked', '管路阻塞', 'Look at the pump and the line.', '查看输液泵和管路。'),
  pump_alarm: patient('high', 0, 5000, 'Pump is alarming', '输液泵报警', 'Look at the pump.', '查看输液泵。'),
  tag_left_ward: patient('medium', 5000, 5000, 'Patient left the ward', '患者离开病区', 'Look for the patient.', '寻找患者。'),
  bag_wrong_patient: patient(
    'high',
    2000,
    2000,
    'Bag at the wrong patient',
    '输液袋与患者不符',
    'Stop. Check the name on the bag.',
    '停止输液，核对姓名。',
  ),
  sensor_silent: technical(
    'low',
    0,
    ['nurse', 'engineer'],
    'Sensor says nothing',
    '传感器无信号',
    'Check the sensor at the bed; watch the drip by eye.',
    '检查床旁传感器，并人工观察输液。',
  ),
  edge_lost: technical(
    'medium',
    0,
    ['charge_nurse', 'engineer'],
    'Bedside monitoring of the ward is down',
    '病区床旁监测中断',
    'Watch all drips by eye; call the engineer.',
    '人工观察全部输液，联系工程师。',
  ),
  device_fault: technical(
    'low',
    10_000,
    ['nurse', 'engineer'],
    'Device reports a fault',
    '设备故障',
    'See the fault beside the device.',
    '查看设备故障提示。',
  ),
  readings_lost: technical(
    'low',
    0,
    engineering,
    'Measurements were lost',
    '测量数据丢失',
    'Check the edge agent and its disk.',
    '检查边缘代理及其磁盘。',
  ),
  battery_low: technical('low', 60_000, ['engineer'], 'Battery low', '电量低', 'Charge or change the battery.', '充电或更换电池。'),
  robot_fault: technical('medium', 2000, logistics, 'Robot has a fault', '机器人故障', 'Look at the robot.', '查看机器人。'),
  robot_lost: technical('low', 5000, logistics, 'Robot is not connected', '机器人失联', 'Find the robot.', '寻找机器人。'),
  disinfection_stopped: technical(
    'high',
    0,
    logistics,
    'Disinfection stopped: somebody may be inside',
    '消毒中止：可能有人进入',
    'Check the room before starting again.',
    '重新开始前请检查房间。',
  ),
  mission_stuck: technical(
    'low',
    30_000,
    logistics,
    'Delivery is waiting',
    '运送任务受阻',
    'See the reason on the dispatch board.',
    '在调度屏查看原因。',
  ),
  service_lost: technical(
    'high',
    5000,
    engineering,
    'A part of Wardline is down',
    'Wardline 部分服务中断',
    'Call the engineer.',
    '联系工程师。',
  ),
  disk_full: technical('high', 0, engineering, 'Disk is full', '磁盘已满', 'Free space on the server now.', '立即清理服务器磁盘。'),
} as const satisfies Record<string, AlarmKind>;

export type AlarmKindName = keyof typeof alarmKinds;
export const alarmKindNames = Object.keys(alarmKinds) as AlarmKindName[];
