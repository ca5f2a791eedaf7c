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
import io.temporal.common.Priority;
import io.temporal.common.SearchAttributeKey;
import io.temporal.common.SearchAttributes;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

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

    Duration duration() {
      return Duration.parse("PT" + ttl);
    }

    /** Promotions have a queue of their own, so that thousands of them delay no code. */
    String taskQueue() {
      String stem = setting("TASK_QUEUE", "message-delivery");
      return messageTrafficType.equals("PROMOTION") ? stem + "-bulk" : stem;
    }

    /** Which message goes first when many wait for a worker (1 before 5), and each agent's share of a backlog. */
    Priority priority() {
      int key =
          switch (messageTrafficType) {
            case "AUTHENTICATION" -> 1;
            case "ACKNOWLEDGEMENT" -> 3;
            case "PROMOTION" -> 5;
            default -> 2;
          };
      // A fairness key has at most 64 bytes.
      String agent = agentId.substring(Math.max(0, agentId.length() - 64));
      return Priority.newBuilder().setPriorityKey(key).setFairnessKey(agent).build();
    }

    /** A delivery that expires within an hour stays on the version of the worker that began it. */
    Map<String, Object> memo() {
      return duration().compareTo(Duration.ofHours(1)) <= 0 ? Map.of("shortLived", true) : Map.of();
    }
  }

  record Fallback(Sms sms) {}

  record Sms(String text) {}

  record RevokeNow(String reason, String fallback) {}

  /** What operators find deliveries by. The workflow keeps up to date those that it was started with. */
  static SearchAttributes searchAttributes(Message message) {
    return SearchAttributes.newBuilder()
        .set(SearchAttributeKey.forKeyword("DeliveryStatus"), "STARTED")
        .set(SearchAttributeKey.forKeyword("RbmAgentId"), message.agentId())
        .set(SearchAttributeKey.forKeyword("MessageTrafficType"), message.messageTrafficType())
        .set(SearchAttributeKey.forOffsetDateTime("ExpireTime"), OffsetDateTime.now(ZoneOffset.UTC).plus(message.duration()))
        .set(SearchAttributeKey.forBoolean("IsDuplicate"), false)
        .set(SearchAttributeKey.forKeyword("FallbackReason"), "none")
        .build();
  }

  /** The same name always gives the same UUID, and nobody without the secret can guess it. */
  static String messageIdFor(String secret, String name) throws GeneralSecurityException {
    byte[] key = secret.getBytes(StandardCharsets.UTF_8);
    if (key.length < 16) {
      throw new IllegalArgumentException("set MESSAGE_ID_SECRET to at least 16 bytes, always the same");
    }
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    ByteBuffer hash = ByteBuffer.wrap(mac.doFinal(name.getBytes(StandardCharsets.UTF_8)));
    long high = hash.getLong() & ~0xf000L | 0x8000L; // version 8 (RFC 9562)
    long low = hash.getLong() & ~(0xc0L << 56) | 0x80L << 56;
    return new UUID(high, low).toString();
  }

  /** A second start of the same message returns the first delivery, running or ended. */
  static WorkflowStub start(WorkflowClient client, Message message) {
    try {
      return start(client, message, WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE);
    } catch (WorkflowExecutionAlreadyStarted ended) {
      WorkflowStub existing = client.newUntypedWorkflowStub(message.workflowId());
      return failedOnInput(existing)
          ? start(client, message, WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
          : existing;
    }
  }

  private static WorkflowStub start(WorkflowClient client, Message message, WorkflowIdReusePolicy reuse) {
    WorkflowOptions options =
        WorkflowOptions.newBuilder()
            .setWorkflowId(message.workflowId())
            .setTaskQueue(message.taskQueue())
            .setPriority(message.priority())
            .setMemo(message.memo())
            .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
            .setWorkflowIdReusePolicy(reuse)
            .setTypedSearchAttributes(searchAttributes(message))
            .build();
    WorkflowStub delivery = client.newUntypedWorkflowStub("messageDelivery", options);
    delivery.start(message);
    return delivery;
  }

  /** Only then was nothing sent. Another failed or terminated delivery may have sent the message or the SMS. */
  private static boolean failedOnInput(WorkflowStub ended) {
    try {
      ended.getResult(JsonNode.class);
      return false;
    } catch (WorkflowFailedException failed) {
      return failed.getCause() instanceof ApplicationFailure failure
          && List.of("InvalidInput", "EncryptionRequired").contains(failure.getType());
    }
  }

  public static void main(String[] args) throws IOException, GeneralSecurityException {
    boolean revoke = List.of(args).contains("--revoke");
    String recipient =
        List.of(args).stream()
            .filter(arg -> !arg.startsWith("--"))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("the recipient is missing: +15550100001, for example"));

    // What the message is about. Here each run is another order, unless you name one.
    String order = setting("ORDER_ID", String.valueOf(System.nanoTime()));
    String text = "Your code is 482913";
    Message message =
        new Message(
            setting("AGENT_ID", "acme-agent"),
            messageIdFor(setting("MESSAGE_ID_SECRET", ""), "order/" + order + "/code"),
            recipient,
            Map.of("text", text),
            setting("TRAFFIC_TYPE", "AUTHENTICATION"),
            "60s", // the head start that RCS gets before the SMS
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
