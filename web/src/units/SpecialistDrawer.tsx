import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Failed } from "../ui/Failed";
import { SideDrawer } from "../ui/SideDrawer";
import { SpecialistForm } from "./SpecialistForm";
import { UNITS } from "./units";

interface Props {
  unitId: string;
  /** null: closed. */
  specialistId: string | null;
  onClose: () => void;
}

/** The form of a specialist beside their page. */
export function SpecialistDrawer({ unitId, specialistId, onClose }: Props) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: [...UNITS, "one", unitId],
    queryFn: () => unwrap(api.GET("/api/units/{unit_id}", { params: { path: { unit_id: unitId } } })),
    enabled: specialistId !== null,
  });
  const specialist = query.data?.specialists.find((one) => one.id === specialistId);
  return (
    <SideDrawer open={specialistId !== null} title={t("units.editFacts")} onClose={onClose} testId="specialist-drawer">
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && specialist && <SpecialistForm unit={query.data} specialist={specialist} onClose={onClose} />}
    </SideDrawer>
  );
}
