// Entry: theme, texts, session, then the page.
import "~/design/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { watchSession } from "~/api/session";
import { DirectionProvider } from "~/app/direction";
import { queryClient, watchSignOut } from "~/app/query-client";
import { router } from "~/app/router";
import { watchUpdates } from "~/app/updates";
import { watchTheme } from "~/design/theme";
import { startLanguage } from "~/i18n/language";
import { fetchLaterTexts, startTexts } from "~/i18n/start";
import { TooltipProvider } from "~/ui/tooltip";

const Toaster = lazy(() => import("~/ui/toaster").then((part) => ({ default: part.Toaster })));

startTexts();
watchTheme();
watchSession();
watchSignOut();
watchUpdates();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

await startLanguage();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <DirectionProvider>
        <TooltipProvider delayDuration={400}>
          <RouterProvider router={router} />
          <Suspense>
            <Toaster />
          </Suspense>
        </TooltipProvider>
      </DirectionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
// A page that needs them asks again.
void fetchLaterTexts().catch(() => undefined);
