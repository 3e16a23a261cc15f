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
	input := &dynamodb.PutItemInput{
		TableName: aws.String("people"),
		Item: map[string]types.AttributeValue{
			"id":     &types.AttributeValueMemberS{Value: "7"},
			"name":   &types.AttributeValueMemberS{Value: "Zoë's \"shop\""},
			"price":  &types.AttributeValueMemberN{Value: "1.50"},
			"exact":  &types.AttributeValueMemberN{Value: "12345678901234567890123456789012345678"},
			"photo":  &types.AttributeValueMemberB{Value: []byte("\x00\xff\"\\'")},
			"open":   &types.AttributeValueMemberBOOL{Value: true},
			"closed": &types.AttributeValueMemberBOOL{Value: false},
			"until":  &types.AttributeValueMemberNULL{Value: true},
			"tags":   &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
			"sizes":  &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}},
			"keys":   &types.AttributeValueMemberBS{Value: [][]byte{[]byte("a"), []byte("\xff")}},
			"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				&types.AttributeValueMemberN{Value: "1"},
				&types.AttributeValueMemberS{Value: "two"},
				&types.AttributeValueMemberL{Value: []types.AttributeValue{
					&types.AttributeValueMemberBOOL{Value: false},
				}},
				&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
					"deep": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
						"deeper": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
							"deepest": &types.AttributeValueMemberS{Value: "a text that is long enough to need a line of its own"},
						}},
					}},
				}},
			}},
			"empty": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}},
			"none":  &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		},
		ReturnValues:             "ALL_OLD",
		ReturnConsumedCapacity:   "TOTAL",
		ConditionExpression:      aws.String("attribute_not_exists(#i) OR price < :p"),
		ExpressionAttributeNames: map[string]string{"#i": "id"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":p": &types.AttributeValueMemberN{Value: "2e3"},
		},
	}
	output, err := client.PutItem(ctx, input)
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
