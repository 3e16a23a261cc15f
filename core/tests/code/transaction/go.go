// go get github.com/aws/aws-sdk-go-v2
// go get github.com/aws/aws-sdk-go-v2/config
// go get github.com/aws/aws-sdk-go-v2/service/dynamodb
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := dynamodb.NewFromConfig(settings)
	input := &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{
			{
				Put: &types.Put{
					Item: map[string]types.AttributeValue{
						"id": &types.AttributeValueMemberS{Value: "t1"},
						"n":  &types.AttributeValueMemberN{Value: "1"},
					},
					TableName:           aws.String("people"),
					ConditionExpression: aws.String("attribute_not_exists(id)"),
				},
			},
			{
				Update: &types.Update{
					Key: map[string]types.AttributeValue{
						"id": &types.AttributeValueMemberS{Value: "1"},
					},
					UpdateExpression: aws.String("SET n = :n"),
					TableName:        aws.String("people"),
					ExpressionAttributeValues: map[string]types.AttributeValue{
						":n": &types.AttributeValueMemberN{Value: "5"},
					},
					ReturnValuesOnConditionCheckFailure: "ALL_OLD",
				},
			},
			{
				Delete: &types.Delete{
					Key: map[string]types.AttributeValue{
						"id": &types.AttributeValueMemberS{Value: "2"},
					},
					TableName: aws.String("people"),
				},
			},
			{
				ConditionCheck: &types.ConditionCheck{
					Key: map[string]types.AttributeValue{
						"id": &types.AttributeValueMemberS{Value: "3"},
					},
					TableName:           aws.String("people"),
					ConditionExpression: aws.String("attribute_exists(id)"),
				},
			},
		},
		ClientRequestToken: aws.String("file:///etc/hosts"),
	}
	output, err := client.TransactWriteItems(ctx, input)
	if err != nil {
		log.Fatal(err)
	}
	show(output)
}

func show(output any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(output); err != nil {
		log.Fatal(err)
	}
}
