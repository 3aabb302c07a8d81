import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PreferenceButtons } from "@/app/_components/preferences/preference-buttons";
import classes from "./auth.module.css";

/** The frame of the pages before sign-in. */
export default function AuthLayout({ children }: { readonly children: ReactNode }) {
  return (
    <ClientMessages namespaces={["auth"]}>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Text className={classes.product}>Dingkeep</Text>
        {children}
        <PreferenceButtons />
      </main>
    </ClientMessages>
  );
}
