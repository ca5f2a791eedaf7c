package com.example.rcs;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowQueryException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributeKey;
import io.temporal.common.SearchAttributes;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.io.IOException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Starts one delivery, shows that starting it again is harmless, and waits for its outcome. */
public final class Deliver {

  /** The input: docs/message-delivery-input.schema.json has all of it. */
  record Message(
      String agentId,
      String messageId,
      String recipient,
      Map<String, Object> contentMessage,
      String messageTrafficType,
      String ttl,
      Fallback fallback) {

    String workflowId() {
      return "message-delivery:" + agentId + ":" + messageId;
    }
  }

  record Fallback(Sms sms) {}

  record Sms(String text) {}

  record RevokeNow(String reason, String fallback) {}

  /** What operators find deliveries by. The workflow keeps up to date those that it was started with. */
  static SearchAttributes searchAttributes(Message message) {
    Duration ttl = Duration.parse("PT" + message.ttl());
    return SearchAttributes.newBuilder()
        .set(SearchAttributeKey.forKeyword("DeliveryStatus"), "AWAITING_DELIVERY")
        .set(SearchAttributeKey.forKeyword("RbmAgentId"), message.agentId())
        .set(SearchAttributeKey.forKeyword("MessageTrafficType"), message.messageTrafficType())
        .set(SearchAttributeKey.forOffsetDateTime("ExpireTime"), OffsetDateTime.now(ZoneOffset.UTC).plus(ttl))
        .set(SearchAttributeKey.forBoolean("IsDuplicate"), false)
        .build();
  }

  /** A second start of the same message returns the first delivery, running or ended. */
  static WorkflowStub start(WorkflowClient client, Message message) {
    WorkflowOptions options =
        WorkflowOptions.newBuilder()
            .setWorkflowId(message.workflowId())
            .setTaskQueue("message-delivery")
            .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
            .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
            .setTypedSearchAttributes(searchAttributes(message))
            .build();
    WorkflowStub delivery = client.newUntypedWorkflowStub("messageDelivery", options);
    try {
      delivery.start(message);
      return delivery;
    } catch (WorkflowExecutionAlreadyStarted ended) {
      return client.newUntypedWorkflowStub(message.workflowId());
    }
  }

  public static void main(String[] args) throws IOException {
    boolean revoke = List.of(args).contains("--revoke");
    String recipient =
        List.of(args).stream()
            .filter(arg -> !arg.startsWith("--"))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("the recipient is missing: +15550100001, for example"));

    String text = "Your code is 482913";
    Message message =
        new Message(
            setting("AGENT_ID", "acme-agent"),
            setting("MESSAGE_ID", UUID.randomUUID().toString()).toLowerCase(),
            recipient,
            Map.of("text", text),
            "AUTHENTICATION",
            "600s",
            new Fallback(new Sms(text)));

    // TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*
    ClientConfigProfile profile = ClientConfigProfile.load();
    WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(profile.toWorkflowServiceStubsOptions());
    try {
      deliver(WorkflowClient.newInstance(service, profile.toWorkflowClientOptions()), message, revoke);
    } catch (WorkflowFailedException failed) {
      System.err.println("the delivery failed: " + reason(failed));
      System.exit(1);
    } finally {
      service.shutdown();
    }
  }

  private static void deliver(WorkflowClient client, Message message, boolean revoke) {
    WorkflowStub delivery = start(client, message);
    String first = runId(delivery);
    System.out.println("started " + message.workflowId());

    System.out.println("started again: " + compare(runId(start(client, message)), first));

    try {
      JsonNode status = delivery.query("status", JsonNode.class);
      System.out.println("status " + status.get("status").asText());
    } catch (WorkflowQueryException unanswered) { // it refused its input: the result says why
      delivery.getResult(JsonNode.class);
    }

    if (revoke) {
      JsonNode answer =
          delivery.update("revokeNow", JsonNode.class, new RevokeNow("asked for in the example", "sms"));
      System.out.println("revokeNow answered " + answer.get("status").asText());
    }

    JsonNode result = delivery.getResult(JsonNode.class);
    System.out.println("outcome " + result.get("outcome").asText() + " by " + result.get("channel").asText());

    System.out.println("started after its end: " + compare(runId(start(client, message)), first));
  }

  private static String reason(WorkflowFailedException failed) {
    return failed.getCause() instanceof ApplicationFailure failure
        ? failure.getType() + ": " + failure.getOriginalMessage()
        : String.valueOf(failed.getCause());
  }

  private static String runId(WorkflowStub delivery) {
    return delivery.describe().getExecution().getRunId();
  }

  private static String compare(String one, String other) {
    return one.equals(other) ? "the same delivery" : "ANOTHER delivery";
  }

  private static String setting(String name, String otherwise) {
    return Optional.ofNullable(System.getenv(name)).orElse(otherwise);
  }
}
