import { type LocalText, oneOf } from './schema.ts';

interface Fault {
  readonly text: LocalText;
  /** What the nurse or engineer does about it. */
  readonly action: LocalText;
}

/** Every fault a device can have, in the nurse's words. `docs/reference/faults.md` is generated from this table. */
export const faults = {
  SCALE_OVERLOAD: {
    text: { en: 'Scale overloaded', 'zh-CN': '秤超载' },
    action: { en: 'Take the extra weight off the hook.', 'zh-CN': '取下挂钩上多余的重物。' },
  },
  SCALE_UNDERLOAD: {
    text: { en: 'Scale reads below zero', 'zh-CN': '秤读数低于零' },
    action: { en: 'Check that the hook hangs free, then zero the scale.', 'zh-CN': '检查挂钩是否悬空，然后清零。' },
  },
  SCALE_BUSY: {
    text: { en: 'Scale not ready', 'zh-CN': '秤未就绪' },
    action: { en: 'Wait; call the engineer if it stays.', 'zh-CN': '请稍候；持续出现请联系工程师。' },
  },
  SCALE_GARBLED: {
    text: { en: 'Scale answers cannot be read', 'zh-CN': '秤数据无法识别' },
    action: { en: 'Check the cable of the scale.', 'zh-CN': '检查秤的连接线。' },
  },
  DRIP_GARBLED: {
    text: { en: 'Drip counter answers cannot be read', 'zh-CN': '滴速计数据无法识别' },
    action: { en: 'Check the cable of the drip counter.', 'zh-CN': '检查滴速计连接线。' },
  },
  DRIP_BLINDED: {
    text: { en: 'Drip counter blinded by light', 'zh-CN': '滴速计受强光干扰' },
    action: { en: 'Shade the drip chamber.', 'zh-CN': '为滴壶遮光。' },
  },
  PUMP_GARBLED: {
    text: { en: 'Pump answers cannot be read', 'zh-CN': '泵数据无法识别' },
    action: { en: 'Check the cable of the pump.', 'zh-CN': '检查泵的连接线。' },
  },
  PUMP_ALARM: {
    text: { en: 'Pump reports an alarm', 'zh-CN': '泵自身报警' },
    action: { en: 'Look at the pump.', 'zh-CN': '查看输液泵。' },
  },
  READER_GARBLED: {
    text: { en: 'Tag reader answers cannot be read', 'zh-CN': '标签读写器数据无法识别' },
    action: { en: 'Check the cable of the reader.', 'zh-CN': '检查读写器连接线。' },
  },
  READER_ANTENNA: {
    text: { en: 'Tag reader antenna fault', 'zh-CN': '读写器天线故障' },
    action: { en: 'Check the antenna of the reader.', 'zh-CN': '检查读写器天线。' },
  },
  CAMERA_GARBLED: {
    text: { en: 'Camera picture cannot be read', 'zh-CN': '摄像头图像无法识别' },
    action: { en: 'Restart the camera.', 'zh-CN': '重启摄像头。' },
  },
  CAMERA_COVERED: {
    text: { en: 'Camera cannot see the container', 'zh-CN': '摄像头被遮挡' },
    action: { en: 'Clear the view of the camera.', 'zh-CN': '清除摄像头前的遮挡。' },
  },
  PRESENCE_GARBLED: {
    text: { en: 'Room sensor cannot be read', 'zh-CN': '房间传感器数据无法识别' },
    action: { en: 'Check the cable of the room sensor.', 'zh-CN': '检查房间传感器连接线。' },
  },
  DEVICE_UNREACHABLE: {
    text: { en: 'Device does not answer', 'zh-CN': '设备无应答' },
    action: { en: 'Check power and cable.', 'zh-CN': '检查电源和连接线。' },
  },
} as const satisfies Record<string, Fault>;

export type FaultCode = keyof typeof faults;
export const faultCodes = Object.keys(faults) as FaultCode[];
export const FaultCodeSchema = oneOf(faultCodes as unknown as readonly FaultCode[]);
