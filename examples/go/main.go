// Starts one delivery, shows that starting it again is harmless, and waits for its outcome.
package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/temporal"
)

// Message is the input: see docs/message-delivery-input.schema.json for all of it.
type Message struct {
	AgentID            string         `json:"agentId"`
	MessageID          string         `json:"messageId"`
	Recipient          string         `json:"recipient"`
	ContentMessage     map[string]any `json:"contentMessage"`
	MessageTrafficType string         `json:"messageTrafficType,omitempty"`
	TTL                string         `json:"ttl"`
	Fallback           *Fallback      `json:"fallback,omitempty"`
}

type Fallback struct {
	SMS SMS `json:"sms"`
}

type SMS struct {
	Text string `json:"text"`
}

// Status is what the query and the updates answer, as far as it is used here.
type Status struct {
	Status string `json:"status"`
}

type Result struct {
	Outcome string  `json:"outcome"`
	Channel *string `json:"channel"`
}

// searchAttributes are what operators find deliveries by. The workflow keeps up to date those that it was started with.
func searchAttributes(message Message) (temporal.SearchAttributes, error) {
	ttl, err := time.ParseDuration(message.TTL)
	if err != nil {
		return temporal.SearchAttributes{}, err
	}
	return temporal.NewSearchAttributes(
		temporal.NewSearchAttributeKeyKeyword("DeliveryStatus").ValueSet("STARTED"),
		temporal.NewSearchAttributeKeyKeyword("RbmAgentId").ValueSet(message.AgentID),
		temporal.NewSearchAttributeKeyKeyword("MessageTrafficType").ValueSet(message.MessageTrafficType),
		temporal.NewSearchAttributeKeyTime("ExpireTime").ValueSet(time.Now().Add(ttl)),
		temporal.NewSearchAttributeKeyBool("IsDuplicate").ValueSet(false),
		temporal.NewSearchAttributeKeyKeyword("FallbackReason").ValueSet("none"),
	), nil
}

// taskQueueFor: promotions have a queue of their own, so that thousands of them delay no code.
func taskQueueFor(message Message) string {
	taskQueue := cmp.Or(os.Getenv("TASK_QUEUE"), "message-delivery")
	if message.MessageTrafficType == "PROMOTION" {
		return taskQueue + "-bulk"
	}
	return taskQueue
}

// priorityKeys say which message goes first when many wait for a worker: 1 before 5.
var priorityKeys = map[string]int{"AUTHENTICATION": 1, "ACKNOWLEDGEMENT": 3, "PROMOTION": 5}

// priorityFor gives each agent its share of a backlog. A fairness key has at most 64 bytes.
func priorityFor(message Message) temporal.Priority {
	return temporal.Priority{
		PriorityKey: cmp.Or(priorityKeys[message.MessageTrafficType], 2),
		FairnessKey: message.AgentID[max(0, len(message.AgentID)-64):],
	}
}

// memoFor lets a delivery that expires within an hour stay on the version of the worker that began it.
func memoFor(message Message) map[string]any {
	if ttl, err := time.ParseDuration(message.TTL); err != nil || ttl > time.Hour {
		return nil
	}
	return map[string]any{"shortLived": true}
}

// messageIDFor always gives the same UUID for the same name. Nobody without the secret can guess it.
func messageIDFor(secret, name string) (string, error) {
	if len(secret) < 16 {
		return "", errors.New("set MESSAGE_ID_SECRET to at least 16 bytes, always the same")
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(name))
	id := uuid.UUID(mac.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8 (RFC 9562)
	id[8] = id[8]&0x3f | 0x80
	return id.String(), nil
}

// start returns the first delivery of this message, running or ended, however often it is called.
func start(ctx context.Context, c client.Client, message Message) (client.WorkflowRun, error) {
	attributes, err := searchAttributes(message)
	if err != nil {
		return nil, err
	}
	options := client.StartWorkflowOptions{
		ID:                                       fmt.Sprintf("message-delivery:%s:%s", message.AgentID, message.MessageID),
		TaskQueue:                                taskQueueFor(message),
		Priority:                                 priorityFor(message),
		Memo:                                     memoFor(message),
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		TypedSearchAttributes:                    attributes,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}
	delivery, err := c.ExecuteWorkflow(ctx, options, "messageDelivery", message)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if !errors.As(err, &started) {
		return delivery, err
	}
	// It has ended.
	existing := c.GetWorkflow(ctx, options.ID, started.RunId)
	if !failedOnInput(ctx, existing) {
		return existing, nil
	}
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	options.WorkflowExecutionErrorWhenAlreadyStarted = false
	return c.ExecuteWorkflow(ctx, options, "messageDelivery", message)
}

// failedOnInput: only then was nothing sent. Another failed or terminated delivery may have sent the message or the SMS.
func failedOnInput(ctx context.Context, ended client.WorkflowRun) bool {
	var failed *temporal.ApplicationError
	return errors.As(ended.Get(ctx, nil), &failed) &&
		(failed.Type() == "InvalidInput" || failed.Type() == "EncryptionRequired")
}

func run(ctx context.Context, recipient string, revoke bool) error {
	// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return err
	}
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return err
	}
	defer c.Close()

	// What the message is about. Here each run is another order, unless you name one.
	order := cmp.Or(os.Getenv("ORDER_ID"), strconv.FormatInt(time.Now().UnixNano(), 10))
	messageID, err := messageIDFor(os.Getenv("MESSAGE_ID_SECRET"), "order/"+order+"/code")
	if err != nil {
		return err
	}
	text := "Your code is 482913"
	message := Message{
		AgentID:            cmp.Or(os.Getenv("AGENT_ID"), "acme-agent"),
		MessageID:          messageID,
		Recipient:          recipient,
		ContentMessage:     map[string]any{"text": text},
		MessageTrafficType: cmp.Or(os.Getenv("TRAFFIC_TYPE"), "AUTHENTICATION"),
		TTL:                "60s", // the head start that RCS gets before the SMS
		Fallback:           &Fallback{SMS: SMS{Text: text}},
	}

	delivery, err := start(ctx, c, message)
	if err != nil {
		return err
	}
	fmt.Println("started", delivery.GetID())

	again, err := start(ctx, c, message)
	if err != nil {
		return err
	}
	fmt.Println("started again:", compare(again, delivery))

	answer, err := c.QueryWorkflow(ctx, delivery.GetID(), "", "status")
	var unanswered *serviceerror.QueryFailed
	if errors.As(err, &unanswered) { // it refused its input: the result says why
		return cmp.Or(delivery.Get(ctx, nil), err)
	}
	if err != nil {
		return err
	}
	var status Status
	if err := answer.Get(&status); err != nil {
		return err
	}
	fmt.Println("status", status.Status)

	if revoke {
		update, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID:   delivery.GetID(),
			UpdateName:   "revokeNow",
			Args:         []any{map[string]string{"reason": "asked for in the example", "fallback": "sms"}},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return err
		}
		if err := update.Get(ctx, &status); err != nil {
			return err
		}
		fmt.Println("revokeNow answered", status.Status)
	}

	var result Result
	if err := delivery.Get(ctx, &result); err != nil {
		return err
	}
	channel := "nothing"
	if result.Channel != nil {
		channel = *result.Channel
	}
	fmt.Println("outcome", result.Outcome, "by", channel)

	ended, err := start(ctx, c, message)
	if err != nil {
		return err
	}
	fmt.Println("started after its end:", compare(ended, delivery))
	return nil
}

func compare(one, other client.WorkflowRun) string {
	if one.GetRunID() == other.GetRunID() {
		return "the same delivery"
	}
	return "ANOTHER delivery"
}

func main() {
	log.SetFlags(0)
	revoke := flag.Bool("revoke", false, "revoke the message at once, and send the SMS")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: go run . [-revoke] RECIPIENT    (a phone number in E.164, such as +15550100001)")
	}
	err := run(context.Background(), flag.Arg(0), *revoke)
	var failed *temporal.ApplicationError
	if errors.As(err, &failed) {
		log.Fatalf("the delivery failed: %s: %s", failed.Type(), failed.Message())
	}
	if err != nil {
		log.Fatal(err)
	}
}
