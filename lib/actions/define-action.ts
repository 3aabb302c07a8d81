import "server-only";
import type { z } from "zod";
import type { ActionState, FormFailure } from "@/lib/action-state";
import type { Actor } from "@/lib/auth/actor";
import { confirmPassword, getOwnEmail } from "@/lib/auth/confirm-password";
import type { Permission } from "@/lib/auth/permissions";
import { requestAttempt, requireActor, requireSignedIn, requireSignedInCaller } from "@/lib/auth/request";
import { givenPassword } from "@/lib/auth/schema";
import type { SignedIn } from "@/lib/auth/sessions";
import { AppError } from "@/lib/errors";
import { beginAction } from "@/lib/http/action-course";
import { isPlainText } from "@/lib/plain-text";
import type { Result } from "@/lib/result";
import { failureOf, invalidFields, unstorableFields } from "./failure";

/** How long a password that was given is as good as one that is given now (S10). */
const CONFIRMED_FOR_MS = 10 * 60_000;

type Outcome<Data> = Promise<Result<Data, FormFailure>>;

/** Next decodes forms, and U+FFFD is what it made of invalid UTF-8 or a browser of a lone surrogate. */
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
 * What is dangerous goes on only with a password that was given less than ten minutes ago, or comes with
 * this very form, in the field `confirmation`.
 */
async function assertPasswordFresh(organization: string, form: FormData): Promise<void> {
  const who = await requireSignedInCaller(organization);
  if (Date.now() - who.passwordConfirmedAt.getTime() < CONFIRMED_FOR_MS) return;
  const given = givenPassword.safeParse(form.get("confirmation"));
  if (given.success && (await confirmPassword(who, given.data, await requestAttempt(await getOwnEmail(who)))))
    return;
  throw new AppError("password_needed", "the password was given too long ago");
}

/**
 * Makes a server action out of a permission, a schema and a handler, so that no action can forget to find
 * out who is calling, whether they may, to parse what they sent, or to hide what went wrong.
 *
 * A server action is a public POST endpoint whoever renders its form, and a check in the page does
 * not cover it: https://nextjs.org/docs/app/guides/data-security
 *
 * The returned action takes the public id of the organization first, for `bind`.
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
      // What isn't even text is no organization's address, and is answered as one that isn't there.
      const address = typeof organization === "string" ? organization : "";
      const actor = await requireActor(address, definition.permission);
      if (definition.isDangerous) await assertPasswordFresh(address, form);

      return await settle(definition.input, form, (input) => handle(actor, input));
    } catch (error) {
      return failureOf(error);
    }
  };
}

/** The same for what a person does with their own account, in no organization. */
export function definePersonAction<Input, Data>(
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

/** The same for what anybody may do who isn't signed in; `handle` has to limit it by itself. */
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
