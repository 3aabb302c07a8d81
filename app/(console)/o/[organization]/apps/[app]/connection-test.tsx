"use client";

import { Button, Menu } from "@mantine/core";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext } from "react";
import { FormAlert } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { ConnectionTestResult } from "@/app/_components/status/connection-test-result";
import type { ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { retestAppAction } from "./settings/actions";

type Form = ReturnType<typeof useActionForm<{ readonly test: ConnectionTest }>>;
type Test = { readonly form: Form; readonly run: () => void };

const TestContext = createContext<Test | null>(null);

function useTest(): Test {
  const test = useContext(TestContext);
  if (!test) throw new Error("a connection test needs an ConnectionTestProvider around it");
  return test;
}

type Props = { readonly organization: string; readonly app: string; readonly children: ReactNode };

/** The app's connection test: begun from a menu or a button, its result in one place. */
export function ConnectionTestProvider({ organization, app, children }: Props) {
  const form = useActionForm(retestAppAction.bind(null, organization));
  const run = () => {
    if (form.isPending) return;
    const data = new FormData();
    data.set("app", app);
    form.submit(data);
  };
  // oxlint-disable-next-line react/jsx-no-constructed-context-values -- another form is what its readers wait for
  return <TestContext value={{ form, run }}>{children}</TestContext>;
}

/** Tests the app with the secret that is kept, and sets it to work if it passes. */
export function TestButton({ isPrimary }: { readonly isPrimary: boolean }) {
  const t = useTranslations("app");
  const { form, run } = useTest();
  return (
    <Button variant={isPrimary ? "filled" : "default"} aria-disabled={form.isPending} onClick={run}>
      {form.isPending ? t("testing") : t("test")}
    </Button>
  );
}

export function TestMenuItem() {
  const t = useTranslations("app");
  const { run } = useTest();
  return <Menu.Item onClick={run}>{t("test")}</Menu.Item>;
}

/** What the last test saw, or that one is under way. */
export function ConnectionTestOutcome() {
  const { isPending, alert, state } = useTest().form;
  const test = !isPending && state.status === "done" ? state.data.test : null;
  return (
    <>
      <FormAlert sentence={alert} />
      {(isPending || test) && <ConnectionTestResult test={test} isStale={false} />}
    </>
  );
}
