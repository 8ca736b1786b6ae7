import type { paths } from "./generated";

/** An operation without the header that the client sends with every request by itself. */
type Bare<Operation> = Operation extends { parameters: infer Given }
  ? Omit<Operation, "parameters"> & { parameters: Omit<Given, "header"> & { header?: never } }
  : Operation;

/** The service's routes, as its description says. */
export type Paths = { [Path in keyof paths]: { [Method in keyof paths[Path]]: Bare<paths[Path][Method]> } };
