import {
  ApiOutlined,
  AppstoreOutlined,
  AudioOutlined,
  BranchesOutlined,
  ClockCircleOutlined,
  CustomerServiceOutlined,
  EditOutlined,
  FileSearchOutlined,
  GlobalOutlined,
  MessageOutlined,
  NotificationOutlined,
  NumberOutlined,
  PartitionOutlined,
  PhoneFilled,
  PhoneOutlined,
  PieChartOutlined,
  PoweroffOutlined,
  QuestionOutlined,
  RollbackOutlined,
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
  dial: PhoneFilled,
  hangup: PoweroffOutlined,
  hours: ClockCircleOutlined,
  http: ApiOutlined,
  identify: UserOutlined,
  language: GlobalOutlined,
  menu: AppstoreOutlined,
  notify: MessageOutlined,
  play: SoundOutlined,
  queue: CustomerServiceOutlined,
  return: RollbackOutlined,
  say: SoundOutlined,
  set: EditOutlined,
  specialist: TeamOutlined,
  split: PieChartOutlined,
  subflow: PartitionOutlined,
  survey: StarOutlined,
  voicemail: AudioOutlined,
};

/** An action without a picture of its own has a question mark. */
export function ActionIcon({ action }: { action: string }) {
  const Icon = ICONS[action] ?? QuestionOutlined;
  return <Icon aria-hidden />;
}
