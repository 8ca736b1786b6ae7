import { StarFilled, StarOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";
import { useStar } from "./quick";

/** Keeps an entry at hand, for its reader alone. */
export function StarButton({ id }: { id: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { starred, known, change } = useStar(id);
  return (
    <Button
      size="small"
      icon={starred ? <StarFilled /> : <StarOutlined />}
      aria-pressed={starred}
      disabled={!known}
      loading={change.isPending}
      onClick={() => change.mutate(undefined, { onError: (error) => void message.error(words(error)) })}
      data-testid="entry-star"
    >
      {t(starred ? "knowledge.starred" : "knowledge.star")}
    </Button>
  );
}
