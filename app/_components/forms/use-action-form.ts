"use client";

import { unstable_isUnrecognizedActionError as isOutdated, unstable_rethrow } from "next/navigation";
import { useTranslations } from "next-intl";
import {
  type FormEvent,
  type RefObject,
  startTransition,
  useActionState,
  useEffect,
  useEffectEvent,
  useRef,
} from "react";
import { type ActionState, IDLE, type Message } from "@/lib/action-state";
import type { FormCheck } from "@/lib/actions/field-errors";
import { markSaved, watchUnsaved } from "./unsaved-changes";
import { useFieldErrors } from "./use-field-errors";

type Action<Data> = (previous: ActionState<Data>, form: FormData) => Promise<ActionState<Data>>;
/** An answer that the server never gave: what was typed stays, and the same can be sent again. */
type Held<Data> = ActionState<Data> & { readonly isUnanswered?: true };

type Options<Data> = {
  /** Looks at the form before anything is sent, and again while a field is mended. One function for all renders. */
  readonly check?: FormCheck;
  /** Whether a success kept what the form holds; if not, it still counts as unsaved. */
  readonly isSaved?: (data: Data) => boolean;
  /** What it holds is no change that could be lost, such as a typed confirmation. */
  readonly isLeftFreely?: boolean;
  /** The form that another hook already takes care of, for a second action of the same form. */
  readonly formRef?: RefObject<HTMLFormElement | null>;
};

function focusFirstWrong(form: HTMLFormElement | null): void {
  const wrong =
    // Whichever is first on the page: a field, or what several boxes that are one field say of themselves.
    form?.querySelector<HTMLElement>("[aria-invalid=true], [data-field-error]") ??
    form?.querySelector<HTMLElement>("[name=confirmation]") ??
    form?.querySelector<HTMLElement>("[data-form-alert]");
  wrong?.focus();
}

/** Says a message by its key, in the person's language. */
export function useMessageText(): (message: Message | undefined) => string | undefined {
  const t = useTranslations();
  return (message) => (message ? t(message.key as never, message.values as never) : undefined);
}

/** What is said when no answer came, or none of ours. */
function unanswered(error: unknown): Held<never> {
  unstable_rethrow(error); // a redirect is thrown through here too
  const isBroken = error instanceof TypeError;
  const key = isOutdated(error) ? "error.outdated" : isBroken ? "error.network" : "error.internal";
  return { status: "failed", message: { key }, isUnanswered: true };
}

/** The password was sent along and asked for again: it was wrong. */
function withConfirmation<Data>(state: Held<Data>, form: FormData): Held<Data> {
  if (state.status !== "failed" || !state.needsPassword || !form.get("confirmation")) return state;
  return { ...state, fieldErrors: { confirmation: { key: "validation.passwordWrong" } } };
}

/** The action as a state, in which no answer is an answer too. */
function useSend<Data>(action: Action<Data>) {
  return useActionState(
    async (previous: Held<Data>, form: FormData): Promise<Held<Data>> => {
      try {
        return withConfirmation(await action(previous, form), form);
      } catch (error) {
        return unanswered(error);
      }
    },
    IDLE as Held<Data>,
  );
}

type Settling<Data> = Options<Data> & {
  readonly state: Held<Data>;
  readonly formRef: RefObject<HTMLFormElement | null>;
  readonly onDone: ((data: Data) => void) | undefined;
};

/** What follows each answer: the focus goes to what is wrong, or the form holds nothing unsaved any more. */
function useSettling<Data>({ state, formRef, ...options }: Settling<Data>): void {
  const onFailed = useEffectEvent(() => focusFirstWrong(formRef.current));
  const onDone = useEffectEvent((data: Data) => {
    if (!options.isLeftFreely && (options.isSaved?.(data) ?? true)) markSaved(formRef.current);
    options.onDone?.(data);
  });
  useEffect(() => {
    if (state.status === "failed") onFailed();
    if (state.status === "done") onDone(state.data);
  }, [state]);
  const watch = useEffectEvent(() => {
    const form = formRef.current;
    return form && !options.isLeftFreely ? watchUnsaved(form) : undefined;
  });
  useEffect(() => watch(), []);
}

/**
 * A form over a server action. Unlike `<form action>` it keeps what was typed when the action refuses or the
 * server can't be reached; it leads the focus to the first wrong field, and takes an error back as soon as
 * its field is mended.
 *
 * @param onDone runs once for each success
 */
export function useActionForm<Data>(
  action: Action<Data>,
  onDone?: (data: Data) => void,
  options: Options<Data> = {},
) {
  const say = useMessageText();
  const ownRef = useRef<HTMLFormElement>(null);
  const formRef = options.formRef ?? ownRef;
  const [state, dispatch, isPending] = useSend(action);
  const failed = state.status === "failed" ? state : undefined;
  const fields = useFieldErrors({ formRef, answer: state, check: options.check });
  useSettling({ ...options, state, formRef, onDone });
  useEffect(() => {
    if (fields.refusals > 0) focusFirstWrong(formRef.current);
  }, [fields.refusals, formRef]);
  const submitter = useRef<HTMLElement>(null);
  const submit = (form: FormData) => startTransition(() => dispatch(form));
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The button that was pressed may have a value of its own, and belongs to what is sent.
    submitter.current = (event.nativeEvent as SubmitEvent).submitter;
    const form = new FormData(event.currentTarget, submitter.current);
    if (!isPending) void fields.admit(form).then((isRight) => isRight && submit(form));
  };
  const sendAgain = () => {
    if (formRef.current) submit(new FormData(formRef.current, submitter.current));
  };
  // What each field says beside itself needs no second sentence above.
  const isSaidBeside = failed?.message.key === "validation.form" && failed.fieldErrors !== undefined;
  return {
    formRef,
    onSubmit,
    submit,
    isPending,
    state,
    alert: isPending || isSaidBeside ? undefined : say(failed?.message),
    /** Sends the same once more, where the server gave no answer. */
    retry: failed?.isUnanswered ? sendAgain : undefined,
    needsPassword: failed?.needsPassword ?? false,
    /** Tells the fields what the check says of them. @returns the names of those that are wrong */
    tellWrong: fields.tellWrong,
    /** Leads to the first field that was told to be wrong. */
    refuse: fields.refuse,
    errorOf: (field: string) => say(fields.errors[field]),
  };
}
