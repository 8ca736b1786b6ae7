import { PhoneOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Empty, Input, Modal, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { SpecialistView } from "../api/types";
import { Failed } from "../ui/Failed";
import { DutyTag } from "../units/DutyTag";
import { specialistPage } from "../units/units";
import { matching } from "./specialists";
import { useCommand } from "./useCommand";

/** Unit → specialist → phone. Numbers stay with the service; a phone is dialled by its place in the list. */
export function SpecialistPicker({ open, initial = "", onClose }: { open: boolean; initial?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState(initial);
  const { send, busy } = useCommand();
  const units = useQuery({
    queryKey: ["units"],
    queryFn: () => unwrap(api.GET("/api/units")),
    enabled: open,
  });
  const found = matching(units.data ?? [], search);

  async function consult(specialist: SpecialistView, phoneIndex: number) {
    const done = await send({ command: "consult", specialist_id: specialist.id, phone_index: phoneIndex });
    if (done) onClose();
  }

  return (
    <Modal open={open} title={t("threeway.pick")} footer={null} onCancel={onClose} width={640} destroyOnHidden>
      <Input.Search
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        placeholder={t("threeway.search")}
        aria-label={t("threeway.search")}
        allowClear
        data-testid="specialist-search"
      />
      <p className="consent">{t("threeway.consentFirst")}</p>
      <div className="units">
        {units.isPending && <Skeleton active />}
        {units.isError && <Failed error={units.error} onRetry={() => void units.refetch()} />}
        {units.isSuccess && found.length === 0 && (
          <Empty
            image={Empty.PRESENTED_IMAGE_SIMPLE}
            description={units.data.length === 0 ? t("threeway.noUnits") : t("pop.noMatch")}
          />
        )}
        {found.map((unit) => (
          <section key={unit.id} aria-label={unit.name}>
            <h3>{unit.name}</h3>
            <ul>
              {unit.specialists.map((person) => (
                <li key={person.id} className="specialist" data-off={!person.on_duty} data-testid={`specialist-${person.id}`}>
                  <div>
                    <strong>
                      <Link to={specialistPage(person.id)} onClick={onClose}>
                        {person.name}
                      </Link>
                    </strong> <span className="quiet">{person.title}</span>
                    <DutyTag onDuty={person.on_duty} until={person.on_duty_until} begins={person.next_duty} />
                    {person.answerable_scope && <p className="quiet">{person.answerable_scope}</p>}
                  </div>
                  <div className="specialist-phones">
                    {person.phones.map((phone, index) => (
                      <Button
                        key={phone.label}
                        size="small"
                        icon={<PhoneOutlined />}
                        disabled={busy !== null}
                        aria-label={t("common.of", { what: person.name, which: t("threeway.consult", { phone: phone.label }) })}
                        onClick={() => void consult(person, index)}
                        data-testid={`consult-${person.id}-${index}`}
                      >
                        {phone.label}
                      </Button>
                    ))}
                  </div>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Modal>
  );
}
