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
/** An answer may also be missing. The typed values stay, and the form can be sent again. */
type Answer<Data> = ActionState<Data> & { readonly isUnanswered?: true };

type Options<Data> = {
  /** Validates before sending, and again while an invalid field changes. Must be the same function in each render. */
  readonly check?: FormCheck;
  /** Set if a success saved the values. Otherwise they still count as unsaved. */
  readonly isSaved?: (data: Data) => boolean;
  /** Leaving the page loses nothing of value, for example a typed confirmation. */
  readonly ignoresUnsaved?: boolean;
  /** The ref of the hook that owns the form, for a second action of the same form. */
  readonly formRef?: RefObject<HTMLFormElement | null>;
};

function focusInvalidField(form: HTMLFormElement | null): void {
  const field =
    // Whichever comes first: an invalid input, or the error of a group of checkboxes.
    form?.querySelector<HTMLElement>("[aria-invalid=true], [data-field-error]") ??
    form?.querySelector<HTMLElement>("[name=confirmation]") ??
    form?.querySelector<HTMLElement>("[data-form-alert]");
  field?.focus();
}

/** Returns a function that translates a message. */
export function useMessageText(): (message: Message | undefined) => string | undefined {
  const t = useTranslations();
  return (message) => (message ? t(message.key as never, message.values as never) : undefined);
}

/** The state after no answer or an answer from another server, such as a proxy. */
function unanswered(error: unknown): Answer<never> {
  unstable_rethrow(error); // redirects arrive here as exceptions
  const isBroken = error instanceof TypeError;
  const key = isOutdated(error) ? "error.outdated" : isBroken ? "error.network" : "error.internal";
  return { status: "failed", message: { key }, isUnanswered: true };
}

/** The server asks for the password again, so the one in the form was wrong. */
function withConfirmation<Data>(state: Answer<Data>, form: FormData): Answer<Data> {
  if (state.status !== "failed" || !state.needsPassword || !form.get("confirmation")) return state;
  return { ...state, fieldErrors: { confirmation: { key: "validation.passwordWrong" } } };
}

/** The action's state, which also covers a missing answer. */
function useSend<Data>(action: Action<Data>) {
  return useActionState(
    async (previous: Answer<Data>, form: FormData): Promise<Answer<Data>> => {
      try {
        return withConfirmation(await action(previous, form), form);
      } catch (error) {
        return unanswered(error);
      }
    },
    IDLE as Answer<Data>,
  );
}

type AfterAnswer<Data> = Options<Data> & {
  readonly state: Answer<Data>;
  readonly formRef: RefObject<HTMLFormElement | null>;
  readonly onDone: ((data: Data) => void) | undefined;
};

/** After each answer, focuses the error or marks the form as saved. */
function useAfterAnswer<Data>({ state, formRef, ...options }: AfterAnswer<Data>): void {
  const onFailed = useEffectEvent(() => focusInvalidField(formRef.current));
  const onDone = useEffectEvent((data: Data) => {
    if (!options.ignoresUnsaved && (options.isSaved?.(data) ?? true)) markSaved(formRef.current);
    options.onDone?.(data);
  });
  useEffect(() => {
    if (state.status === "failed") onFailed();
    if (state.status === "done") onDone(state.data);
  }, [state]);
  const watch = useEffectEvent(() => {
    const form = formRef.current;
    return form && !options.ignoresUnsaved ? watchUnsaved(form) : undefined;
  });
  useEffect(() => watch(), []);
}

/**
 * Runs a server action for a form. Unlike `<form action>`, it keeps the typed values when the action fails or the
 * server can't be reached, focuses the first invalid field, and clears an error as soon as its field is valid.
 *
 * @param onDone runs once per success
 */
export function useActionForm<Data>(
  action: Action<Data>,
  onDone?: (data: Data) => void,
  options: Options<Data> = {},
) {
  const text = useMessageText();
  const ownRef = useRef<HTMLFormElement>(null);
  const formRef = options.formRef ?? ownRef;
  const [state, dispatch, isPending] = useSend(action);
  const failed = state.status === "failed" ? state : undefined;
  const fields = useFieldErrors({ formRef, answer: state, check: options.check });
  useAfterAnswer({ ...options, state, formRef, onDone });
  useEffect(() => {
    if (fields.failedSubmits > 0) focusInvalidField(formRef.current);
  }, [fields.failedSubmits, formRef]);
  const submitter = useRef<HTMLElement>(null);
  const submit = (form: FormData) => startTransition(() => dispatch(form));
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The submitter may carry a value of its own, which belongs to the form data.
    submitter.current = (event.nativeEvent as SubmitEvent).submitter;
    const form = new FormData(event.currentTarget, submitter.current);
    if (!isPending) void fields.validate(form).then((isValid) => isValid && submit(form));
  };
  const sendAgain = () => {
    if (formRef.current) submit(new FormData(formRef.current, submitter.current));
  };
  // Errors at the fields need no message above the form.
  const isShownAtField = failed?.message.key === "validation.form" && failed.fieldErrors !== undefined;
  return {
    formRef,
    onSubmit,
    submit,
    isPending,
    state,
    alert: isPending || isShownAtField ? undefined : text(failed?.message),
    /** Sends the form again after a missing answer. */
    retry: failed?.isUnanswered ? sendAgain : undefined,
    needsPassword: failed?.needsPassword ?? false,
    /** Shows the check's errors at the fields, and returns the names of the invalid fields. */
    showErrors: fields.showErrors,
    focusFirstError: fields.focusFirstError,
    errorOf: (field: string) => text(fields.errors[field]),
  };
}
