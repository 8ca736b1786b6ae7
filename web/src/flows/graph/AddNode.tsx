import { PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { ActionIcon } from "./ActionIcon";
import type { FlowActions, FlowWords } from "./actions";

interface Props {
  actions: FlowActions;
  words: FlowWords;
  onAdd: (action: string) => void;
}

/** The actions that a new node can have. */
export function AddNode({ actions, words, onAdd }: Props) {
  const { t } = useTranslation();
  return (
    <Dropdown
      trigger={["click"]}
      // eslint-disable-next-line jsx-a11y/no-autofocus -- whoever opens the menu by keyboard goes on in it
      autoFocus
      menu={{
        className: "graph-actions",
        items: [...actions.keys()].map((name) => ({ key: name, label: words.action(name), icon: <ActionIcon action={name} /> })),
        onClick: ({ key }) => onAdd(key),
      }}
    >
      <Button icon={<PlusOutlined />} data-testid="graph-add">
        {t("flowGraph.add")}
      </Button>
    </Dropdown>
  );
}
