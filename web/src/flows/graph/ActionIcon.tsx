import {
  AppstoreOutlined,
  AudioOutlined,
  BranchesOutlined,
  ClockCircleOutlined,
  CustomerServiceOutlined,
  EditOutlined,
  FileSearchOutlined,
  GlobalOutlined,
  NotificationOutlined,
  NumberOutlined,
  PhoneOutlined,
  PieChartOutlined,
  PoweroffOutlined,
  QuestionOutlined,
  SoundOutlined,
  StarOutlined,
  TeamOutlined,
  UserOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";

const ICONS: Record<string, ComponentType> = {
  announcement: NotificationOutlined,
  answer: PhoneOutlined,
  case_progress: FileSearchOutlined,
  collect: NumberOutlined,
  condition: BranchesOutlined,
  hangup: PoweroffOutlined,
  hours: ClockCircleOutlined,
  identify: UserOutlined,
  language: GlobalOutlined,
  menu: AppstoreOutlined,
  play: SoundOutlined,
  queue: CustomerServiceOutlined,
  say: SoundOutlined,
  set: EditOutlined,
  specialist: TeamOutlined,
  split: PieChartOutlined,
  survey: StarOutlined,
  voicemail: AudioOutlined,
};

/** An action without a picture of its own has a question mark. */
export function ActionIcon({ action }: { action: string }) {
  const Icon = ICONS[action] ?? QuestionOutlined;
  return <Icon aria-hidden />;
}
