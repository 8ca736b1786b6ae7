import { DislikeOutlined, LikeOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { hasRole } from "../../api/roles";
import { useSession } from "../../api/session";
import { words } from "../../app/words";
import type { EntryView } from "../knowledge";
import { loadRatings, rateEntry, REQUESTS } from "./requests";

/** Whether the entry helped: an agent's own word by a click, and how many said what. */
export function Ratings({ view }: { view: EntryView }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const user = useSession().data?.user;
  const key = [...REQUESTS, "ratings", view.id, view.number];
  const { data } = useQuery({ queryKey: key, queryFn: () => loadRatings(view.id) });
  if (!data || !user) return null;

  async function rate(helpful: boolean) {
    try {
      client.setQueryData(key, await rateEntry(view.id, helpful));
    } catch (error) {
      void message.error(words(error));
    }
  }
  const agent = hasRole(user, "agent");
  const said = [
    { helpful: true, icon: <LikeOutlined />, text: t("requests.helpful", { count: data.helpful }) },
    { helpful: false, icon: <DislikeOutlined />, text: t("requests.unhelpful", { count: data.unhelpful }) },
  ];
  return (
    <span className="asks" role="group" aria-label={t("requests.helped")}>
      {said.map(({ helpful, icon, text }) => (
        <Button
          key={text}
          icon={icon}
          disabled={!agent}
          type={data.mine === helpful ? "primary" : "default"}
          aria-pressed={data.mine === helpful}
          onClick={() => void rate(helpful)}
          data-testid={helpful ? "rate-helpful" : "rate-unhelpful"}
        >
          {text}
        </Button>
      ))}
      {data.reports > 0 && <span className="quiet">{t("requests.reported", { count: data.reports })}</span>}
    </span>
  );
}
