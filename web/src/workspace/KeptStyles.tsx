import { Alert, Checkbox, DatePicker, Input, Segmented, Select } from "antd";
import { memo } from "react";

const NOTHING = ["-"];

/**
 * One of each control of the case form, hidden. antd drops a control's styles with its last instance and works them out
 * again with the next, which took half of the time that a ringing call needs to be drawn.
 */
export const KeptStyles = memo(function KeptStyles() {
  return (
    <div hidden inert>
      <Input />
      <Input.TextArea />
      <Select />
      <DatePicker showTime />
      <Segmented options={NOTHING} />
      <Checkbox />
      <Alert title="" />
    </div>
  );
});
