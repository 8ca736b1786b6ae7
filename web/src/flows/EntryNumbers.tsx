import { MinusCircleOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { ServiceForm } from "../ui/form/ServiceForm";
import { ALIASES, FLOWS, type FlowAlias, type FlowView, setNumbers } from "./flows";

interface Entered {
  rows: { number: string; alias: FlowAlias }[];
}

/** The numbers that this flow answers, and whether they reach the live or the test version. */
export function EntryNumbers({ flow, canWrite }: { flow: FlowView; canWrite: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const rows = Object.entries(flow.entry_numbers).map(([number, alias]) => ({ number, alias }));
  const named = rows.filter(({ number }) => number !== "");
  const every = rows.find(({ number }) => number === "");
  const options = ALIASES.map((value) => ({ value, label: t(`flows.alias.${value}`) }));
  async function save({ rows: entered }: Entered) {
    const numbers = Object.fromEntries(entered.map(({ number, alias }) => [number.trim(), alias]));
    await setNumbers(flow.id, every ? { ...numbers, "": every.alias } : numbers);
    await client.invalidateQueries({ queryKey: FLOWS });
  }
  return (
    <section className="flow-numbers">
      <p>{t(every ? "flows.answersEvery" : "flows.answersNamed")}</p>
      <p className="quiet">{t("flows.numbersHint")}</p>
      {canWrite ? (
        <ServiceForm<Entered> key={flow.draft.version} initial={{ rows: named }} fields={["rows"]} onSave={save}>
          <Form.List name="rows">
            {(fields, { add, remove }) => (
              <>
                {fields.map(({ key, name }) => (
                  <div className="flow-number" key={key}>
                    <Form.Item
                      name={[name, "number"]}
                      rules={[{ required: true, pattern: /^[0-9*+]{1,32}$/, message: t("flows.numberForm") }]}
                    >
                      <Input aria-label={t("flows.number")} placeholder="*12345" data-testid={`number-${name}`} />
                    </Form.Item>
                    <Form.Item name={[name, "alias"]}>
                      <Select aria-label={t("flows.for")} options={options} />
                    </Form.Item>
                    <Button type="text" icon={<MinusCircleOutlined />} aria-label={t("flows.removeNumber")} onClick={() => remove(name)} />
                  </div>
                ))}
                <Button onClick={() => add({ number: "", alias: "test" })} data-testid="number-add">
                  {t("flows.addNumber")}
                </Button>
              </>
            )}
          </Form.List>
        </ServiceForm>
      ) : (
        <ul>
          {named.map(({ number, alias }) => (
            <li key={number}>
              {number} · {t(`flows.alias.${alias}`)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
