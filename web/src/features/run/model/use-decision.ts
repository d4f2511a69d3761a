// What a kept run asks a person, and giving the answer.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { decisionBody, readAction } from "~/api/human-action";
import type { FlowEvent } from "~/api/sse";
import { parseJson } from "~/lib/json";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import type { OpenDecision } from "./run-store";
import { type Execution, resumeExecution } from "./runs-api";

/** Undefined while `execution` waits for nobody; `onEvent` hears how it goes on. */
export function useDecision(execution: Execution | undefined, onEvent?: (event: FlowEvent) => void): OpenDecision | undefined {
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const action = useMemo(() => (execution?.state === "STOPPED" ? readAction(parseJson(execution.action ?? "")) : undefined), [execution]);
  const { mutate, isPending } = useMutation({
    mutationFn: async ({ approved, feedback }: { approved: boolean; feedback: string }) => {
      if (execution && action) await resumeExecution(execution, decisionBody(action, approved, feedback), onEvent);
    },
    onSettled: () => Promise.all([queryClient.invalidateQueries({ queryKey: ["execution"] }), queryClient.invalidateQueries({ queryKey: ["executions"] })]),
    onError: (error) => toast.error(errorText(error)),
  });
  return useMemo(() => action && { action, busy: isPending, decide: (approved, feedback) => mutate({ approved, feedback }) }, [action, isPending, mutate]);
}
