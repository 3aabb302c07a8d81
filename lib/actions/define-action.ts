import "server-only";
import type { z } from "zod";
import type { ActionState, FormFailure } from "@/lib/action-state";
import type { Actor } from "@/lib/auth/actor";
import { assertPasswordFresh } from "@/lib/auth/confirm-password";
import type { Permission } from "@/lib/auth/permissions";
import { requireActor, requireSignedIn } from "@/lib/auth/require-actor";
import type { SignedIn } from "@/lib/auth/sessions";
import { beginAction } from "@/lib/http/action-progress";
import { isPlainText } from "@/lib/plain-text";
import type { Result } from "@/lib/result";
import { failureOf, invalidFields, unstorableFields } from "./failure";

type Outcome<Data> = Promise<Result<Data, FormFailure>>;

/** Next replaces invalid UTF-8 with U+FFFD. */
const isStorable = (value: FormDataEntryValue): boolean =>
  typeof value !== "string" || (isPlainText(value) && !value.includes("\uFFFD"));

async function settle<Input, Data>(
  input: z.ZodType<Input>,
  form: FormData,
  handle: (input: Input) => Outcome<Data>,
): Promise<ActionState<Data>> {
  const fields = form instanceof FormData ? [...form] : [];
  const unstorable = fields.filter(([name, value]) => !isStorable(name) || !isStorable(value));
  if (unstorable.length > 0) return unstorableFields(unstorable.map(([name]) => name));
  const parsed = input.safeParse(Object.fromEntries(fields));
  if (!parsed.success) return invalidFields(parsed.error);
  const outcome = await handle(parsed.data);
  return outcome.ok ? { status: "done", data: outcome.value } : { status: "failed", ...outcome.error };
}

/**
 * Makes a server action of an organization, whose public id is its first argument. A page's checks don't protect it.
 * @see https://nextjs.org/docs/app/guides/data-security
 */
export function defineAction<P extends Permission, Input, Data>(
  definition: { readonly permission: P; readonly input: z.ZodType<Input>; readonly isDangerous?: boolean },
  handle: (actor: Actor<P>, input: Input) => Outcome<Data>,
) {
  return async (
    organization: string,
    _previous: ActionState<Data>,
    form: FormData,
  ): Promise<ActionState<Data>> => {
    beginAction();
    try {
      const address = typeof organization === "string" ? organization : "";
      const actor = await requireActor(address, definition.permission);
      if (definition.isDangerous) await assertPasswordFresh(address, form);

      return await settle(definition.input, form, (input) => handle(actor, input));
    } catch (error) {
      return failureOf(error);
    }
  };
}

export function defineUserAction<Input, Data>(
  input: z.ZodType<Input>,
  handle: (who: SignedIn, input: Input) => Outcome<Data>,
) {
  return async (_previous: ActionState<Data>, form: FormData): Promise<ActionState<Data>> => {
    beginAction();
    try {
      const who = await requireSignedIn();
      return await settle(input, form, (parsed) => handle(who, parsed));
    } catch (error) {
      return failureOf(error);
    }
  };
}

/** Makes a server action that needs no session. `handle` must limit its rate. */
export function definePublicAction<Input, Data>(
  input: z.ZodType<Input>,
  handle: (input: Input) => Outcome<Data>,
) {
  return async (_previous: ActionState<Data>, form: FormData): Promise<ActionState<Data>> => {
    beginAction();
    try {
      return await settle(input, form, handle);
    } catch (error) {
      return failureOf(error);
    }
  };
}
