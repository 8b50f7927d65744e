package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// listed are the attributes of a run that its list shows.
var listed = strings.Fields(`sk kind status sa fa ca ua provider model fm el steps errors it ot rt cct crt`)

type handler struct {
	dynamodb   *dynamodb.Client
	table      *string
	identity   *identity
	projection *string
	names      map[string]string
}

func newHandler() (*handler, error) {
	identity, err := newIdentity(os.Getenv("JWKS"), os.Getenv("ISSUER"), strings.Split(os.Getenv("AUDIENCES"), ","))
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithHTTPClient(&client{}))
	if err != nil {
		return nil, err
	}
	endpoint := dynamodb.WithEndpointResolver(dynamodb.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL")))
	table := aws.String(os.Getenv("TABLE_NAME"))
	projection := aws.String("#" + strings.Join(listed, ", #"))
	names := map[string]string{}
	for _, name := range listed {
		names["#"+name] = name
	}
	return &handler{dynamodb.NewFromConfig(cfg, endpoint), table, identity, projection, names}, nil
}

// client is the SDK's own, with the benchmark's root beside the system's. Like Go, it reads them at
// its first connection.
type client struct {
	once   sync.Once
	client *awshttp.BuildableClient
}

func (c *client) Do(request *http.Request) (*http.Response, error) {
	c.once.Do(func() {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if root, err := os.ReadFile(os.Getenv("BENCH_ROOT")); err == nil {
			roots.AppendCertsFromPEM(root)
		}
		c.client = awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
			transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
		})
	})
	return c.client.Do(request)
}

func (h *handler) handle(ctx context.Context, asked event) (*answer, error) {
	user, err := h.identity.user(asked.Headers["authorization"])
	if err != nil {
		return reply(401, message{"A valid bearer token is required."})
	}
	chatID := asked.PathParameters["chat"]
	pk := &types.AttributeValueMemberS{Value: "CHAT#" + chatID}
	var (
		chat     *dynamodb.GetItemOutput
		chatErr  error
		bothDone sync.WaitGroup
	)
	bothDone.Add(1)
	go func() {
		defer bothDone.Done()
		chat, chatErr = h.dynamodb.GetItem(ctx, &dynamodb.GetItemInput{
			TableName:      h.table,
			Key:            map[string]types.AttributeValue{"pk": pk, "sk": &types.AttributeValueMemberS{Value: "CHAT"}},
			ConsistentRead: aws.Bool(true),
		})
	}()
	page, err := h.dynamodb.Query(ctx, &dynamodb.QueryInput{
		TableName:              h.table,
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk":   pk,
			":from": &types.AttributeValueMemberS{Value: "RUN#"},
			":to":   &types.AttributeValueMemberS{Value: "RUN#~"},
		},
		ProjectionExpression:     h.projection,
		ExpressionAttributeNames: h.names,
		ScanIndexForward:         aws.Bool(false),
		Limit:                    aws.Int32(100),
		ConsistentRead:           aws.Bool(true),
	})
	bothDone.Wait()
	if err != nil {
		return nil, err
	}
	if chatErr != nil {
		return nil, chatErr
	}
	var owned struct {
		Owner   string `dynamodbav:"owner"`
		Deleted bool   `dynamodbav:"deleted"`
	}
	if err := attributevalue.UnmarshalMap(chat.Item, &owned); err != nil {
		return nil, err
	}
	if owned.Owner != user || owned.Deleted {
		return reply(404, message{"There is no such chat."})
	}
	var items []item
	if err := attributevalue.UnmarshalListOfMaps(page.Items, &items); err != nil {
		return nil, err
	}
	runs := make([]run, len(items))
	for i := range items {
		runs[i] = items[i].run(chatID)
	}
	return reply(200, runs)
}

type message struct {
	Message string `json:"message"`
}

func reply(status int, body any) (*answer, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{"content-type": "application/json", "cache-control": "no-store"}
	return &answer{StatusCode: status, Headers: headers, Body: string(encoded)}, nil
}
