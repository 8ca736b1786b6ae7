import { expect, it } from "vitest";
import type { OfferView } from "../../api/types";
import { offersOf } from "./offers";

const offer = (action: OfferView["action"], reason: string | null = null): OfferView => ({ action, allowed: reason === null, reason, detail: reason && `Not ${action}.` });
const of = (...offers: OfferView[]) => offersOf({ offers });

it("has the next step first, what ends the case last, and what is refused with its reason", () => {
  expect(of(offer("terminate"), offer("reply"), offer("request_extension", "deadline_passed"), offer("reply_interim"), offer("suspend", "actor"))).toEqual({
    primary: "reply",
    others: ["reply_interim"],
    grave: ["terminate"],
    refused: [{ action: "request_extension", reason: "deadline_passed", detail: "Not request_extension." }],
    elsewhere: ["suspend"],
  });
});

it("has a lead unit's own work before that of those below it", () => {
  expect(of(offer("sign_assignment"), offer("reply")).primary).toBe("reply");
});

it("closes once the callback is done, and calls back before", () => {
  expect(of(offer("close"), offer("record_callback")).primary).toBe("close");
  expect(of(offer("close", "callback_due"), offer("record_callback")).primary).toBe("record_callback");
});

it("has nothing first where only what ends a case is left", () => {
  expect(of(offer("terminate")).primary).toBeNull();
});
