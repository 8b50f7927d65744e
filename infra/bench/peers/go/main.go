// Lists a chat's runs for its owner, as a team would write it on the AWS SDK for Go, with a loop over
// the runtime API, since Debian has no aws-lambda-go; that one is such a loop too.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

type event struct {
	Headers        map[string]string `json:"headers"`
	PathParameters map[string]string `json:"pathParameters"`
}

type answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	invocation := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		if err := serveOne(invocation, handler); err != nil {
			log.Fatal(err)
		}
	}
}

func serveOne(invocation string, handler *handler) error {
	next, err := http.Get(invocation + "next")
	if err != nil {
		return err
	}
	defer next.Body.Close()
	var asked event
	if err := json.NewDecoder(next.Body).Decode(&asked); err != nil {
		return err
	}
	outcome := "/response"
	var body any
	body, err = handler.handle(next.Request.Context(), asked)
	if err != nil {
		outcome, body = "/error", map[string]string{"errorType": "error", "errorMessage": err.Error()}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
	posted, err := http.Post(invocation+id+outcome, "application/json", bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	defer posted.Body.Close()
	_, err = io.Copy(io.Discard, posted.Body)
	return err
}
