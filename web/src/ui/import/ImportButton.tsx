import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { ImportDialog } from "./ImportDialog";

interface Props {
  /** As the server calls what is imported. */
  kind: string;
  title: string;
  /** Which columns the file has. */
  hint: string;
  /** Key of the queries that are read again once something was imported. */
  refreshes: readonly string[];
  accepts?: readonly string[];
  testId: string;
}

/** The button of a page that leads to its import. */
export function ImportButton({ kind, title, hint, refreshes, accepts, testId }: Props) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid={testId}>
        {title}
      </Button>
      <ImportDialog
        open={open}
        kind={kind}
        title={title}
        hint={hint}
        accepts={accepts}
        onClose={() => setOpen(false)}
        onImported={() => void client.invalidateQueries({ queryKey: refreshes })}
      />
    </>
  );
}
