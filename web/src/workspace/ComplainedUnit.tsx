import { AutoComplete, Input, type InputProps } from "antd";
import { useUnits } from "../cases/page/units";
import type { CaseFields } from "../api/types";

interface Props extends Pick<InputProps, "id" | "disabled" | "status"> {
  values: CaseFields;
  onEdit: (changes: Partial<CaseFields>) => void;
}

/** The unit complained of: one that is chosen is kept from the case; any other is written in free words. */
export function ComplainedUnit({ values, onEdit, ...control }: Props) {
  const units = useUnits().data ?? [];
  const words = values.unit_complained_of.trim();
  const options = units.filter(({ name }) => words === "" || name.includes(words)).map(({ id, name }) => ({ value: name, key: id }));
  return (
    <AutoComplete
      id={control.id}
      disabled={control.disabled}
      value={values.unit_complained_of}
      options={options.slice(0, 30)}
      onChange={(value: string | undefined) => {
        const name = value ?? "";
        const known = units.filter((unit) => unit.name === name);
        onEdit({ unit_complained_of: name, unit_complained_of_id: known.length === 1 ? known[0]!.id : null });
      }}
    >
      <Input {...control} maxLength={200} autoComplete="off" />
    </AutoComplete>
  );
}
